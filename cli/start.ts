import { defaultCluster, resolveCluster } from '../clusters/index.ts'
import { openings } from '../harness/definition-openings.ts'
import { checkDefinition } from '../harness/providers/start.ts'
import { newRun } from '../harness/run.ts'
import { warnings } from '../harness/topology.ts'
import { finishVerdicts, beginVerdicts, ofRun } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { brokenBeside, declaredExitCode, repeatCommand, startExitCode, unexpected } from './conclusion.ts'
import { displayed } from './displayed.ts'
import { main } from './main.ts'
import { checkWritable, clearResults } from './output-directory.ts'
import { requireOwnEngine } from './own-engine.ts'
import { sayEnding } from './say-ending.ts'
import { scenarioFiles, selectScenarios } from './scenario-names.ts'
import { startOptions } from './start-options.ts'
import { vitest } from './vitest-process.ts'

/** `npm start`: runs scenarios on a cluster and ends with a table of verdicts. Returns the exit code. */
async function start(args: readonly string[]): Promise<number> {
  const options = startOptions(args)
  if (options === null) return 0
  const definition = options.cluster === null ? defaultCluster : resolveCluster(options.cluster)
  for (const warning of warnings(definition)) console.error(`warning: ${warning}`)
  for (const opening of openings(definition)) console.error(`note: ${opening}`)
  await checkDefinition(definition)
  const { names, files } = selectScenarios(options.scenario, scenarioFiles())
  checkWritable(options.out)
  // An existing cluster runs elsewhere, or needs nothing more.
  if (definition.provider !== 'existing') await requireOwnEngine()

  const run = newRun(options)
  const wanted = names.length * options.repeat
  return displayed(
    run,
    { writesVerdicts: true, tty: options.tty, wanted },
    {
      async work(display, interrupted) {
        clearResults(run.out)
        beginVerdicts(run)
        const where = options.cluster === null ? '' : ` on ${definition.name}`
        display.say(`run ${run.id}: ${plural(wanted, 'scenario')}${where}, into ${shownPath(run.out)}`)
        return vitest(run, { projects: ['scenarios'], files }, display, interrupted)
      },
      async conclude({ value, interruption }, display) {
        const document = interruption === null ? finishVerdicts(run) : ofRun(run)
        const { verdicts } = document
        const ended = value ?? { exitCode: null, signal: null }
        const repeat = repeatCommand(unexpected(verdicts), options)
        await sayEnding(display, { run, document, details: 'affected', repeat })
        if (interruption !== null) {
          display.complain(`\nended by ${interruption.signal} after ${verdicts.length} of ${wanted} verdicts`)
          return interruption.exitCode
        }
        const broken = brokenBeside(verdicts, wanted, ended)
        if (broken !== null) display.complain(`\nerror: ${broken}${display.lastWords()}`)
        return (options.asDeclared ? declaredExitCode : startExitCode)(verdicts, wanted, ended)
      },
    },
  )
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

await main(start)
