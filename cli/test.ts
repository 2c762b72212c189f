import { engine, requireRoom } from '../harness/images/engine.ts'
import { newRun } from '../harness/run.ts'
import { asExpected, type Verdict } from '../harness/verdict.ts'
import { closingLine, noTests, readCounts } from '../reports/test-counts.ts'
import { beginVerdicts, finishVerdicts, ofRun } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { leftFiles, repeatCommand, unexpected } from './conclusion.ts'
import { endingText } from './ending.ts'
import { main } from './main.ts'
import { checkWritable, clearResults } from './output-directory.ts'
import { scenarioFiles } from './scenario-names.ts'
import { session } from './session.ts'
import { type TestOptions, testOptions } from './test-options.ts'
import { vitest, type VitestEnd } from './vitest-process.ts'

/** `npm test`: unit tests, all scenarios of the default cluster, their counter-tests. Returns the exit code. */
async function test(args: readonly string[]): Promise<number> {
  const options = testOptions(args)
  if (options === null) return 0
  const onClusters = options.projects.filter((project) => project !== 'unit')
  const withUnits = options.projects.includes('unit')
  checkWritable(options.out)
  if (onClusters.length > 0) await requireRoom(await engine(), 'cluster')

  const run = newRun(options)
  const { value, interruption } = await session(run, { writesVerdicts: onClusters.length > 0 }, async (interrupted) => {
    console.log(`run ${run.id}: ${options.projects.join(', ')}, into ${shownPath(run.out)}`)
    // Unit tests in a process of their own: they are no part of the Allure results.
    const reporters = ['./reports/verdicts-reporter.ts']
    const units = withUnits ? await vitest(run, { projects: ['unit'], reporters }, interrupted) : null
    if (onClusters.length > 0 && !interrupted.aborted) {
      clearResults(run.out)
      beginVerdicts(run)
    }
    const clusters =
      onClusters.length > 0 && !interrupted.aborted ? await vitest(run, { projects: onClusters }, interrupted) : null
    return { units, clusters, counts: readCounts(run.workDirectory) }
  })

  const document = onClusters.length === 0 ? null : interruption === null ? finishVerdicts(run) : ofRun(run)
  const ends = [value?.units ?? null, value?.clusters ?? null].filter((end) => end !== null)
  if (document !== null) {
    const { verdicts } = document
    const repeat = repeatCommands(verdicts, value?.units ?? null, options)
    console.log(`\n${endingText({ run, verdicts, repeat, ...leftFiles(run) })}`)
  }
  if (interruption !== null) {
    console.error(`\nended by ${interruption.signal}`)
    return interruption.exitCode
  }
  let counts = value?.counts ?? noTests
  const wellEnded = ends.every(({ exitCode }) => exitCode === 0)
  if (!wellEnded && counts.failed === 0) {
    console.error(
      `\nerror: ${ends.map(describeEnd).join(', ')}, and no test failed: something broke outside of the tests`,
    )
    counts = { ...counts, failed: 1 }
  }
  console.log(`\n${closingLine(counts)}`)
  return wellEnded && counts.failed === 0 && (document?.verdicts ?? []).every(asExpected) ? 0 : 1
}

function repeatCommands(verdicts: readonly Verdict[], units: VitestEnd | null, { offline }: TestOptions): string[] {
  const known = new Set(scenarioFiles().flatMap(({ names }) => names))
  const failed = unexpected(verdicts)
  const suites = failed.filter((name) => known.has(name))
  return [
    ...(units === null || units.exitCode === 0 ? [] : ['npm run test:unit']),
    ...repeatCommand(suites, { cluster: null, repeat: 1, reboots: 5, offline }),
    ...(suites.length < failed.length ? ['npm test -- --project counter slow-host'] : []),
  ]
}

function describeEnd({ exitCode, signal }: VitestEnd): string {
  return signal === null ? `vitest ended with exit code ${exitCode}` : `vitest was ended by ${signal}`
}

await main(test)
