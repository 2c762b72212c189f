import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { messageOf } from '../harness/error-message.ts'
import { UserError } from '../harness/user-error.ts'
import { pathName } from '../reports/path-name.ts'
import { processExists } from '../reports/run-record.ts'
import { verdictsPath } from '../reports/verdicts-file.ts'

/** Where vitest's Allure reporter leaves its results. vitest.config.ts has the same path. */
export function allureResults(out: string): string {
  return path.join(out, 'allure-results')
}

/** Where a report of several runs, or beside its run, has the Allure results of a run. */
export function mergedResults(out: string, run: string): string {
  return path.join(allureResults(out), pathName(run))
}

/** Removes the Allure results of all runs that an earlier report was of. A run's own lie beside these folders and stay. */
export function clearMergedResults(out: string): void {
  const results = allureResults(out)
  if (!existsSync(results)) return
  for (const entry of readdirSync(results, { withFileTypes: true })) {
    if (entry.isDirectory()) rmSync(path.join(results, entry.name), { recursive: true })
  }
}

/**
 * Makes the directory where it is missing and writes into it.
 * @throws {UserError} with exit code 2 where that cannot be done
 */
export function checkWritable(out: string): void {
  const trial = path.join(out, `.writable-${process.pid}`)
  try {
    makeDirectory(out)
    writeFileSync(trial, '')
    rmSync(trial)
  } catch (cause) {
    throw new UserError(`cannot write into the output directory ${out}: ${messageOf(cause)}`, {
      exitCode: 2,
      hint: 'Name a directory that this user may write with --out DIR.',
      cause,
    })
  }
}

/** Where `npm run report` puts the report of a run. */
export function builtReport(out: string): string {
  return path.join(out, 'report')
}

/** What is made of the verdicts, at the end of a run or afterwards. */
const made = ['report', 'pictures', 'junit.xml', 'summary.md', 'metrics.prom']

/**
 * Removes what would be taken for this run's: verdicts, Allure results and what was made of them. Journals and
 * diagnostics are told apart by their names and stay.
 */
export function clearResults(out: string): void {
  for (const file of [verdictsPath(out), allureResults(out), ...made.map((name) => path.join(out, name))]) {
    rmSync(file, { recursive: true, force: true })
  }
  for (const name of readdirSync(out)) {
    const writer = unfinished.exec(name)?.[1]
    if (writer !== undefined && !processExists(Number(writer))) rmSync(path.join(out, name), { force: true })
  }
}

/** What a run was killed over: a file that is written beside its place has its writer's process id behind its name. */
const unfinished = /^(?:\.writable-|(?:verdicts\.json|junit\.xml|summary\.md|metrics\.prom)\.)(\d+)$/

/** Node's own `recursive` never returns where a parent exists that takes no directory, such as /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  makeDirectory(path.dirname(directory))
  mkdirSync(directory)
}
