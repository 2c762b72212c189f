import { newRun } from '../harness/run.ts'
import { asExpected, type Shard } from '../harness/verdict.ts'
import { unitProject } from '../reports/run-events.ts'
import { closingLine, noTests, readCounts } from '../reports/test-counts.ts'
import { beginVerdicts, finishVerdicts, ofRun } from '../reports/verdicts-file.ts'
import { wordLine } from '../reports/verdict-line.ts'
import { shownPath } from './command.ts'
import { repeatTests } from './conclusion.ts'
import { displayed } from './displayed.ts'
import { main } from './main.ts'
import { checkWritable, clearResults } from './output-directory.ts'
import { requireOwnEngine } from './own-engine.ts'
import type { RunDisplay } from './run-display.ts'
import { sayEnding } from './say-ending.ts'
import { plan, shardRecord } from './shard.ts'
import { testOptions } from './test-options.ts'
import { vitest, type VitestEnd, type VitestListener } from './vitest-process.ts'

/** `npm test`: unit tests, all scenarios of the default cluster, their counter-tests. Returns the exit code. */
async function test(args: readonly string[]): Promise<number> {
  const options = testOptions(args)
  if (options === null) return 0
  const { projects, tests, shard } = options
  const onClusters = projects.filter((project) => project !== unitProject)
  const withClusters = onClusters.length > 0
  const divided = shard === null ? null : await plan(options, shard.count)
  const part = shard === null || divided === null ? null : shardRecord(divided, shard.index)
  const withUnits = projects.includes(unitProject) && (shard === null || shard.index === 1)
  checkWritable(options.out)
  if (withClusters) await requireOwnEngine()

  const run = newRun(options)
  // Until then the directory has what another run has left there.
  let begun = false
  const files: { file: string; tookMs: number }[] = []
  return displayed(
    run,
    { writesVerdicts: withClusters, tty: options.tty, wanted: null },
    {
      async work(display, interrupted) {
        const of = part === null ? '' : `, ${partText(part)}`
        display.say(`run ${run.id}: ${projects.join(', ')}${of}, into ${shownPath(run.out)}`)
        // Unit tests in a process of their own: they are no part of the Allure results.
        const call = { projects: [unitProject], tests, reporters: ['./reports/verdicts-reporter.ts'] }
        const units = withUnits ? await vitest(run, call, display, interrupted) : null
        if (units !== null) sayUnits(display)
        if (!withClusters || interrupted.aborted)
          return { units, clusters: null, counts: readCounts(run.workDirectory) }
        clearResults(run.out)
        beginVerdicts(run, part)
        begun = true
        const own = part === null ? [] : filesOf(part)
        // To vitest no files are all files; a shard may have none beside its unit tests.
        const clusters =
          part !== null && own.length === 0
            ? null
            : await vitest(run, { projects: onClusters, tests, files: own }, timing(display, files), interrupted)
        return { units, clusters, counts: readCounts(run.workDirectory) }
      },
      async conclude({ value, interruption }, display) {
        const document = !begun ? null : interruption === null ? finishVerdicts(run, new Date(), files) : ofRun(run)
        const repeat = repeatTests(display.failedTests, options)
        if (document !== null) await sayEnding(display, { run, document, details: 'unexpected', repeat })
        else if (repeat.length > 0)
          display.say(`\nlog       ${shownPath(display.logFile)}\nrepeat    ${repeat.join('\n          ')}`)
        if (interruption !== null) {
          display.complain(`\nended by ${interruption.signal}`)
          return interruption.exitCode
        }
        let counts = value?.counts ?? noTests
        if (tests.length > 0 && counts.passed + counts.failed === 0) {
          display.complain(
            `\nerror: no test of ${projects.join(', ')} has the name ${tests.join(' or ')}, or it is left to --whole-matrix`,
          )
          return 2
        }
        const ends = [value?.units ?? null, value?.clusters ?? null].filter((end) => end !== null)
        const wellEnded = ends.every(({ exitCode }) => exitCode === 0)
        if (!wellEnded && counts.failed === 0) {
          const how = ends.map(describeEnd).join(', ')
          display.complain(
            `\nerror: ${how}, and no test failed: something broke outside of the tests${display.lastWords()}`,
          )
          counts = { ...counts, failed: 1 }
        }
        display.say(`\n${closingLine(counts)}`)
        return wellEnded && counts.failed === 0 && (document?.verdicts ?? []).every(asExpected) ? 0 : 1
      },
    },
  )
}

function filesOf({ index, plan: all }: Shard): string[] {
  return all.flatMap(({ file, shard }) => (shard === index ? [file] : []))
}

function partText(shard: Shard): string {
  return `shard ${shard.index} of ${shard.count} (${filesOf(shard).length} of ${shard.plan.length} files)`
}

/** Notes how long each file took on the way: by that a later run is divided into shards. */
function timing(listener: VitestListener, files: { file: string; tookMs: number }[]): VitestListener {
  return {
    output: (stream, text) => listener.output(stream, text),
    event(event) {
      if (event.kind === 'file ends') files.push({ file: event.file, tookMs: event.tookMs })
      listener.event(event)
    },
  }
}

/** What the lines of so many files would say. */
function sayUnits(display: RunDisplay): void {
  const { tally } = display
  const { passed, failed } = tally.tests
  display.say(
    wordLine(
      failed === 0 ? 'passed' : 'failed',
      `unit tests: ${tally.files.ended} files, ${passed} passed, ${failed} failed`,
    ),
  )
}

function describeEnd({ exitCode, signal }: VitestEnd): string {
  return signal === null ? `vitest ended with exit code ${exitCode}` : `vitest was ended by ${signal}`
}

await main(test)
