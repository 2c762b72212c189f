import { defaultCluster } from '../clusters/index.ts'
import { newRun, type Run } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'
import { footprint } from './bench/footprint.ts'
import { onCluster, startUpFigure } from './bench/clusters.ts'
import { type Figure, held } from './bench/figures.ts'
import { measureGrowth } from './bench/growth.ts'
import { journalLatency } from './bench/journal-latency.ts'
import { removeOwnImages } from './bench/left-images.ts'
import { figuresTable, type Report } from './bench/report.ts'
import { choose, compareStartup } from './bench/startup.ts'
import { command, parse, wholeNumber } from './command.ts'
import { main } from './main.ts'
import { checkWritable } from './output-directory.ts'
import { requireOwnEngine } from './own-engine.ts'
import { session } from './session.ts'
import { type CommonFlags, commonOptions, withCommonFlags } from './start-options.ts'

interface Flags extends CommonFlags {
  readonly repeat: number
  readonly startup?: boolean
  readonly only?: string
  readonly growth?: boolean
}

/**
 * `npm run bench`: measures what the README promises, on the default cluster; with `--startup` how long each kind of
 * cluster takes to start, and what its nodes take; with `--growth` what more of everything costs. Returns the exit code.
 */
async function bench(args: readonly string[]): Promise<number> {
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm run bench', 'Measures how fast clusters start and what the harness costs.')
        .option('--repeat <N>', 'start each cluster so often', wholeNumber(1, 100), 3)
        .option('--startup', 'compare the start of each kind of cluster with kind, and the memory of their nodes')
        .option('--growth', 'what more nodes, pods and events cost: a table and a picture')
        .option('--only <NAMES>', 'with --startup: some of what is compared, by name, separated by commas'),
    ),
    args,
  )
  if (flags === null) return 0
  const options = commonOptions(flags, process.env)
  if ((flags.startup === true || flags.growth === true) && options.keep) {
    throw new UserError('one cluster is measured at a time, and --keep leaves each running beside the next', {
      exitCode: 2,
      hint: 'Leave --keep out, or start one cluster with `npm start -- --cluster NAME --keep`.',
    })
  }
  checkWritable(options.out)
  await requireOwnEngine()

  const run = newRun(options)
  const only = flags.only?.split(',').map((name) => name.trim()) ?? null
  if (only !== null) choose(only)
  const work = workOf(flags, run, only)
  const { value: report, interruption } = await session(run, { writesVerdicts: false }, (interrupted) =>
    Promise.race([work(), ended(interrupted)]),
  ).finally(() => removeOwnImages(run))
  if (interruption !== null) return interruption.exitCode
  if (report === null) return 3
  console.log(report.text)
  return report.figures.every(held) ? 0 : 1
}

function workOf({ repeat, startup, growth }: Flags, run: Run, only: readonly string[] | null): () => Promise<Report> {
  if (startup === true) return () => compareStartup(run, { repeat, only })
  if (growth === true) return () => measureGrowth(run)
  return () => measure(run, repeat)
}

async function measure(run: Run, repeat: number): Promise<Report> {
  const readyAfterMs: number[] = []
  let others: Figure[] = []
  for (let time = 1; time <= repeat; time += 1) {
    await onCluster(run, `bench-${time}`, defaultCluster, async (cluster) => {
      readyAfterMs.push(cluster.readyAfterMs)
      console.log(`cluster ${time} of ${repeat}: Ready after ${(cluster.readyAfterMs / 1_000).toFixed(1)} s`)
      if (time < repeat) return
      console.log('writing to the API, then waiting …')
      others = [await journalLatency(cluster), ...(await footprint(cluster))]
    })
  }
  const figures = [startUpFigure(readyAfterMs), ...others]
  return { figures, text: figuresTable(figures) }
}

/** Rejects when the signal aborts: the work itself cannot be stopped, only left behind. */
function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

await main(bench)
