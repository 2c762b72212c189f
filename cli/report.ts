import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { UserError } from '../harness/user-error.ts'
import type { Verdicts } from '../harness/verdict.ts'
import { buildAllureReport } from '../reports/allure/build.ts'
import { writeAllureResults } from '../reports/allure/results.ts'
import { writeFormats } from '../reports/formats/index.ts'
import { addToHistory, readHistory } from '../reports/history-file.ts'
import { mergedVerdicts } from '../reports/merged-verdicts.ts'
import { emptyPictures } from '../reports/pictures-folder.ts'
import { readRun, type RunReport, verdictsOf } from '../reports/run-model.ts'
import { printable } from '../reports/printable.ts'
import { scenarioPictures } from '../reports/scenario-pictures.ts'
import { completeShards, lackingText } from '../reports/shards.ts'
import { writeTrend } from '../reports/trend-file.ts'
import { writeVerdicts } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { main } from './main.ts'
import { allureResults, checkWritable, clearMergedResults, mergedResults } from './output-directory.ts'
import { reportOptions } from './report-options.ts'
import { builtText, readText } from './report-text.ts'

/** `npm run report`: builds the report of one or several runs out of what they have left. Returns the exit code. */
async function report(args: readonly string[]): Promise<number> {
  const began = performance.now()
  const options = reportOptions(args)
  if (options === null) return 0
  const { directories, out } = options
  const found: RunReport[] = []
  for (const directory of directories) {
    const run = await readRun(directory)
    console.log(readText(run))
    found.push(run)
  }
  // One shard's own report is of that alone.
  const { runs, lacking } = completeShards(found, { others: !directories.includes(out) })
  for (const line of lackingText(lacking)) console.log(`missing ${printable(line)}`)
  checkWritable(out)
  const built = path.join(out, 'report')
  refuseToOverwrite(out, built, directories)

  const folder = path.join(out, 'pictures')
  const write = emptyPictures(
    folder,
    runs.flatMap(({ scenarios }) => scenarios),
  )
  const legs = runs.map((run) => ({ out: run.out, verdicts: verdictsOf(run) }))
  // Shards are parts of one run, which is what is remembered; legs of a matrix are runs of their own.
  const present = isDivided(runs) ? [mergedVerdicts(legs, out)] : legs.map(({ verdicts }) => verdicts)
  const trend = await writeTrend(folder, await pastAndPresent(present, options.history))
  let pictures = trend === null ? 0 : 1
  // Whatever takes all that lies there, such as a quality gate, would take runs of an earlier report for this one's.
  clearMergedResults(out)
  const results: string[] = []
  for (const run of runs) {
    const into = run.out === out ? allureResults(out) : mergedResults(out, run.id)
    await writeAllureResults(run, into, {
      // Drawn once and kept no longer than it takes to write them: a long run has hundreds.
      async pictures(scenario) {
        const drawn = await scenarioPictures(scenario)
        pictures += write(scenario, drawn)
        return drawn
      },
    })
    results.push(into)
  }
  const verdicts = mergedVerdicts(legs, out)
  // Of one run its own file is the better one, and that it is damaged is worth knowing.
  if (!directories.includes(out)) writeVerdicts(out, verdicts)
  await writeFormats(verdicts, out)
  const { history } = options
  await buildAllureReport(results, built, {
    history: history === null ? null : path.join(path.dirname(history), 'allure.jsonl'),
    trend,
    growth: directories.map(growthFile).find((file) => existsSync(file)) ?? null,
  })
  console.log(builtText(built, { pictures, tookMs: performance.now() - began }))
  // There is a report, and it is not of all: whoever asks for the exit code alone must not take that for a pass.
  return lacking.length === 0 ? 0 : 3
}

function isDivided(runs: readonly RunReport[]): boolean {
  return runs.length > 1 && runs.every(({ run }) => run?.shard !== undefined)
}

/** Where `npm run bench -- --growth` draws its picture. */
function growthFile(directory: string): string {
  return path.join(directory, 'pictures/growth.svg')
}

/** Remembers the runs, and gives what is remembered with them among it. */
async function pastAndPresent(runs: readonly Verdicts[], history: string | null): Promise<Verdicts[]> {
  if (history !== null) for (const verdicts of runs) await addToHistory(history, verdicts)
  const past = history === null ? [] : await readHistory(history)
  const ids = new Set(past.map(({ run }) => run.id))
  // What is not remembered, because it was killed, is a part of the picture of this report all the same.
  return [...past, ...runs.filter(({ run }) => !ids.has(run.id))]
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
