import { defaultCluster, resolveCluster } from '../clusters/index.ts'
import { engine, requireRoom } from '../harness/images/engine.ts'
import { checkDefinition } from '../harness/providers/start.ts'
import { newRun } from '../harness/run.ts'
import { warnings } from '../harness/topology.ts'
import { finishVerdicts, beginVerdicts, ofRun } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { brokenBeside, leftFiles, repeatCommand, startExitCode, unexpected } from './conclusion.ts'
import { endingText } from './ending.ts'
import { main } from './main.ts'
import { checkWritable, clearResults } from './output-directory.ts'
import { scenarioFiles, selectScenarios } from './scenario-names.ts'
import { session } from './session.ts'
import { startOptions } from './start-options.ts'
import { vitest } from './vitest-process.ts'

/** `npm start`: runs scenarios on a cluster and ends with a table of verdicts. Returns the exit code. */
async function start(args: readonly string[]): Promise<number> {
  const options = startOptions(args)
  if (options === null) return 0
  const definition = options.cluster === null ? defaultCluster : resolveCluster(options.cluster)
  for (const warning of warnings(definition)) console.error(`warning: ${warning}`)
  await checkDefinition(definition)
  const { names, files } = selectScenarios(options.scenario, scenarioFiles())
  checkWritable(options.out)
  // An existing cluster runs elsewhere, or needs nothing more.
  if (definition.provider !== 'existing') await requireRoom(await engine(), 'cluster')

  const run = newRun(options)
  const wanted = names.length * options.repeat
  const { value, interruption } = await session(run, { writesVerdicts: true }, async (interrupted) => {
    clearResults(run.out)
    beginVerdicts(run)
    console.log(
      `run ${run.id}: ${plural(wanted, 'scenario')}${options.cluster === null ? '' : ` on ${definition.name}`}, into ${shownPath(run.out)}`,
    )
    return vitest(run, { projects: ['scenarios'], files }, interrupted)
  })

  const { verdicts } = interruption === null ? finishVerdicts(run) : ofRun(run)
  const ended = value ?? { exitCode: null, signal: null }
  const repeat = repeatCommand(unexpected(verdicts), options)
  console.log(`\n${endingText({ run, verdicts, repeat, ...leftFiles(run) })}`)
  if (interruption !== null) {
    console.error(`\nended by ${interruption.signal} after ${verdicts.length} of ${wanted} verdicts`)
    return interruption.exitCode
  }
  const broken = brokenBeside(verdicts, wanted, ended)
  if (broken !== null) console.error(`\nerror: ${broken}`)
  return startExitCode(verdicts, wanted, ended)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

await main(start)
