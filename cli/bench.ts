import { engine, requireRoom } from '../harness/images/engine.ts'
import { newRun } from '../harness/run.ts'
import { footprint } from './bench/footprint.ts'
import { onCluster, startUpFigure } from './bench/clusters.ts'
import { type Figure, held } from './bench/figures.ts'
import { journalLatency } from './bench/journal-latency.ts'
import { figuresTable } from './bench/report.ts'
import { command, parse, wholeNumber } from './command.ts'
import { main } from './main.ts'
import { checkWritable } from './output-directory.ts'
import { session } from './session.ts'
import { commonOptions, withCommonFlags } from './start-options.ts'

interface Flags {
  readonly repeat: number
  readonly offline?: boolean
  readonly keep?: boolean
  readonly out?: string
  readonly debug?: boolean
}

/** `npm run bench`: measures what the README promises, on the default cluster. Returns the exit code. */
async function bench(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm run bench', 'Measures how fast clusters start and what the harness costs.').option(
        '--repeat <N>',
        'start so many clusters',
        wholeNumber(1, 100),
        3,
      ),
    ),
    args,
  )
  if (flags === null) return 0
  const options = commonOptions(flags, process.env)
  checkWritable(options.out)
  await requireRoom(await engine(), 'cluster')

  const run = newRun(options)
  const { value: figures, interruption } = await session(run, { writesVerdicts: false }, (interrupted) =>
    Promise.race([measure(run, flags.repeat), ended(interrupted)]),
  )
  if (interruption !== null) return interruption.exitCode
  if (figures === null) return 3
  console.log(figuresTable(figures))
  return figures.every(held) ? 0 : 1
}

async function measure(run: ReturnType<typeof newRun>, repeat: number): Promise<Figure[]> {
  const readyAfterMs: number[] = []
  let others: Figure[] = []
  for (let time = 1; time <= repeat; time += 1) {
    await onCluster(run, `bench-${time}`, async (cluster) => {
      readyAfterMs.push(cluster.readyAfterMs)
      console.log(`cluster ${time} of ${repeat}: Ready after ${(cluster.readyAfterMs / 1_000).toFixed(1)} s`)
      if (time < repeat) return
      console.log('writing to the API, then waiting …')
      others = [await journalLatency(cluster), ...(await footprint(cluster))]
    })
  }
  return [startUpFigure(readyAfterMs), ...others]
}

/** Rejects when the signal aborts: the work itself cannot be stopped, only left behind. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

await main(bench)
