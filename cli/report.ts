import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { UserError } from '../harness/user-error.ts'
import { buildAllureReport } from '../reports/allure/build.ts'
import { writeAllureResults } from '../reports/allure/results.ts'
import { writeFormats } from '../reports/formats/index.ts'
import { addToHistory, readHistory } from '../reports/history-file.ts'
import { mergedVerdicts } from '../reports/merged-verdicts.ts'
import { pathName } from '../reports/path-name.ts'
import { writePictures } from '../reports/pictures-folder.ts'
import { readRun, type RunReport, verdictsOf } from '../reports/run-model.ts'
import { scenarioPictures } from '../reports/scenario-pictures.ts'
import { writeTrend } from '../reports/trend-file.ts'
import { writeVerdicts } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { main } from './main.ts'
import { allureResults, checkWritable } from './output-directory.ts'
import { type ReportOptions, reportOptions } from './report-options.ts'
import { builtText, readText } from './report-text.ts'

/** `npm run report`: builds the report of one or several runs out of what they have left. Returns the exit code. */
async function report(args: readonly string[]): Promise<number> {
  const began = performance.now()
  const options = reportOptions(args)
  if (options === null) return 0
  const { directories, out } = options
  const runs: RunReport[] = []
  for (const directory of directories) {
    const run = await readRun(directory)
    console.log(readText(run))
    runs.push(run)
  }
  checkWritable(out)
  const built = path.join(out, 'report')
  refuseToOverwrite(out, built, directories)

  const pictures = await drawPictures(runs, options)
  const results: string[] = []
  for (const run of runs) {
    const folder = run.out === out ? allureResults(out) : path.join(allureResults(out), pathName(run.id))
    await writeAllureResults(run, folder)
    results.push(folder)
  }
  const verdicts = mergedVerdicts(
    runs.map((run) => ({ out: run.out, verdicts: verdictsOf(run) })),
    out,
  )
  // Of one run its own file is the better one, and that it is damaged is worth knowing.
  if (!directories.includes(out)) writeVerdicts(out, verdicts)
  await writeFormats(verdicts, out)
  const { history } = options
  await buildAllureReport(results, built, {
    history: history === null ? null : path.join(path.dirname(history), 'allure.jsonl'),
  })
  console.log(builtText(built, { pictures, tookMs: performance.now() - began }))
  return 0
}

/** Remembers the runs, and draws each scenario and the trend. Returns how many pictures there are. */
async function drawPictures(runs: readonly RunReport[], { out, history }: ReportOptions): Promise<number> {
  const folder = path.join(out, 'pictures')
  const scenarios = []
  for (const scenario of runs.flatMap((run) => run.scenarios)) {
    const kubernetes = scenario.verdict?.distribution.kubernetes ?? ''
    scenarios.push({ ...scenario, kubernetes, pictures: await scenarioPictures(scenario) })
  }
  const count = writePictures(folder, scenarios)
  const own = runs.map(verdictsOf)
  if (history !== null) for (const verdicts of own) await addToHistory(history, verdicts)
  const past = history === null ? [] : await readHistory(history)
  const ids = new Set(past.map(({ run }) => run.id))
  // What is not remembered, because it was killed, is a part of the picture of this report all the same.
  const trend = await writeTrend(folder, [...past, ...own.filter(({ run }) => !ids.has(run.id))])
  return count + (trend ? 1 : 0)
}

/** @throws {UserError} with exit code 2 where something else would be lost that is no earlier report */
function refuseToOverwrite(out: string, built: string, directories: readonly string[]): void {
  const hint = 'Name another directory with --out DIR.'
  if (!directories.includes(out) && existsSync(path.join(out, 'journal'))) {
    throw new UserError(`${shownPath(out)} has a run of its own, and this report is of another`, { exitCode: 2, hint })
  }
  if (existsSync(built) && !existsSync(path.join(built, 'index.html')) && readdirSync(built).length > 0) {
    throw new UserError(`${shownPath(built)} is there, and no report`, { exitCode: 2, hint })
  }
}

await main(report)
