import { newRun } from '../harness/run.ts'
import { readCounts } from '../reports/test-counts.ts'
import { beginVerdicts, finishVerdicts, ofRun } from '../reports/verdicts-file.ts'
import { seedVariable } from '../suites/campaign/seed.ts'
import { campaignOptions } from './campaign-options.ts'
import { campaignLine, campaignResult, campaignTable, enoughCaught, sabotages } from './campaign-result.ts'
import { shownPath } from './command.ts'
import { repeatTests } from './conclusion.ts'
import { displayed } from './displayed.ts'
import { main } from './main.ts'
import { checkWritable, clearResults } from './output-directory.ts'
import { requireOwnEngine } from './own-engine.ts'
import { sayEnding } from './say-ending.ts'
import { vitest } from './vitest-process.ts'

/**
 * `npm run campaign`: every sabotage that there is, each with the scenario that must notice it, and how many were caught by
 * their cause. Returns the exit code: 0 where enough were, 1 where not, 2 where no sabotage is like that.
 */
async function campaign(args: readonly string[]): Promise<number> {
  const options = campaignOptions(args)
  if (options === null) return 0
  const { projects, tests, seed } = options
  checkWritable(options.out)
  await requireOwnEngine()
  // The workers that run the tests have this process' environment.
  process.env[seedVariable] = String(seed)

  const run = newRun(options)
  let begun = false
  return displayed(
    run,
    { writesVerdicts: true, tty: options.tty, wanted: null },
    {
      async work(display, interrupted) {
        display.say(`run ${run.id}: ${projects.join(', ')}, seed ${seed}, into ${shownPath(run.out)}`)
        clearResults(run.out)
        beginVerdicts(run)
        begun = true
        await vitest(run, { projects, tests }, display, interrupted)
        return readCounts(run.workDirectory)
      },
      async conclude({ value: counts, interruption }, display) {
        if (!begun) return interruption?.exitCode ?? 3
        const document = interruption === null ? finishVerdicts(run) : ofRun(run)
        const { verdicts } = document
        const repeat = repeatTests(display.failedTests, options)
        await sayEnding(display, { run, document, details: 'unexpected', repeat })
        if (sabotages(verdicts).length > 0) display.say(`\n${campaignTable(verdicts)}`)
        if (interruption !== null) {
          display.complain(`\nended by ${interruption.signal}`)
          return interruption.exitCode
        }
        if (tests.length > 0 && verdicts.length === 0) {
          display.complain(`\nerror: no sabotage of ${projects.join(', ')} has the name ${tests.join(' or ')}`)
          return 2
        }
        const result = campaignResult(verdicts)
        display.say(`\n${campaignLine(result, seed)}`)
        // A sabotage that came to no verdict has failed as a test, and must not be left out of the share.
        const lost = (counts?.failed ?? 0) - (result.run - result.caught)
        if (lost > 0)
          display.complain(`error: ${lost} more tests failed than verdicts say: what they broke with is in the log`)
        return enoughCaught(result) && lost <= 0 ? 0 : 1
      },
    },
  )
}

await main(campaign)
