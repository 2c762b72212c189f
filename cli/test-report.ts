import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { Browser } from 'playwright-core'

import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'
import { buildAllureReport } from '../reports/allure/build.ts'
import { writeAllureResults } from '../reports/allure/results.ts'
import { Checks } from '../reports/browser/checks.ts'
import { writeHostileRun } from '../reports/browser/hostile-run.ts'
import {
  isPicture,
  oneOfEachDiagnosis,
  type ReportResult,
  reportResults,
  violatingResults,
} from '../reports/browser/report-data.ts'
import { serveFolder } from '../reports/browser/static-server.ts'
import { readHostileReport, readReport } from '../reports/browser/tours.ts'
import { readRun, verdictsOf } from '../reports/run-model.ts'
import { writeTrend } from '../reports/trend-file.ts'
import { command, parse, shownPath, userPath } from './command.ts'
import { main } from './main.ts'
import { launchChromium } from './test-report-chromium.ts'

interface Flags {
  readonly scenario?: string
  readonly all?: boolean
}

/** `npm run test:report`: reads a report in a real browser. Returns the exit code: 1 where something is not as it must be. */
async function testReport(args: readonly string[]): Promise<number> {
  const line = command('npm run test:report', 'Opens a report in Chromium and walks from the overview to a timeline.')
    .argument('[DIR]', 'the report (default: reports/out/report, which npm run report builds)')
    .option('--scenario <NAME>', 'the violating scenario to go to (default: the first one)')
    .option('--all', 'read every violating scenario, and not only one of each diagnosis')
    .option('--debug', 'show where errors come from')
  const flags = parse<Flags>(line, args)
  if (flags === null) return 0
  const [given] = line.args
  const report = given === undefined ? path.join(projectFolder, 'reports/out/report') : userPath(given)
  const violating = violatingIn(report)
  const { scenario, all = false } = flags
  const chosen = violating.find(({ verdict }) => scenario === undefined || verdict?.scenario === scenario)
  if (chosen === undefined) throw nothingToShow(report, scenario, violating)
  const screenshots = path.join(report, '../screenshots')
  mkdirSync(screenshots, { recursive: true })

  const checks = new Checks((text) => console.log(text))
  const browser = await launchChromium((text) => console.log(text))
  try {
    console.log(`chromium ${browser.version()} reads ${shownPath(report)}`)
    await using server = await serveFolder(report)
    const others = (all ? violating : oneOfEachDiagnosis([chosen, ...violating])).filter(({ id }) => id !== chosen.id)
    await readReport({ browser, checks, url: server.url, chosen, others, screenshots })
    await testHostileReport(browser, checks)
  } finally {
    await browser.close()
  }
  console.log(`\nscreenshots  ${shownPath(screenshots)}`)
  console.log(checks.closingLine())
  return checks.failed === 0 ? 0 : 1
}

/** A report of a run in which everything has a name that is markup and a script, built as any report is. */
async function testHostileReport(browser: Browser, checks: Checks): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), `clusterproof-hostile-${process.pid}-`))
  try {
    const run = path.join(folder, 'out')
    writeHostileRun(run)
    const model = await readRun(run)
    await writeAllureResults(model, path.join(folder, 'results'))
    const trend = await writeTrend(folder, [verdictsOf(model)])
    await buildAllureReport([path.join(folder, 'results')], path.join(folder, 'report'), { history: null, trend })
    const results = reportResults(path.join(folder, 'report'))
    const pictures = results.flatMap(({ attachments }) => attachments.filter(isPicture))
    const drawn = pictures.map((_, index) => `${index}.svg`)
    pictures.forEach(({ content }, index) => writeFileSync(path.join(folder, `${index}.svg`), content))
    if (trend !== null) drawn.push(path.basename(trend))
    await using server = await serveFolder(folder)
    const { url } = server
    await readHostileReport({
      browser,
      checks,
      url: `${url}report/`,
      results,
      pictures: drawn.map((name) => url + name),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function violatingIn(report: string): ReportResult[] {
  if (existsSync(path.join(report, 'index.html'))) return violatingResults(reportResults(report))
  throw new UserError(`there is no report in ${report}`, {
    exitCode: 2,
    hint: 'Build it with npm run report, or name the directory of one that is built.',
  })
}

function nothingToShow(report: string, scenario: string | undefined, violating: readonly ReportResult[]): UserError {
  const names = [...new Set(violating.flatMap(({ verdict }) => verdict?.scenario ?? []))]
  if (scenario !== undefined && names.length > 0) {
    return new UserError(`no scenario ${scenario} in ${report} violates and has a timeline`, {
      exitCode: 2,
      hint: `Choose one of ${names.join(', ')}.`,
    })
  }
  return new UserError(`no scenario in ${report} violates and has a timeline`, {
    hint: 'Take the report of a run that violates: npm start -- --scenario recovery.reboot-storm, then npm run report.',
  })
}

await main(testReport)
