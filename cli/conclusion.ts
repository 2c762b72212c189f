import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import type { Run } from '../harness/run.ts'
import { asExpected, exitCode, type Verdict } from '../harness/verdict.ts'
import { type Ending, quote } from './ending.ts'
import { allureResults } from './output-directory.ts'
import { globOf } from './scenario-names.ts'
import type { StartOptions } from './start-options.ts'
import type { VitestEnd } from './vitest-process.ts'

/**
 * Exit code of `npm start`. A run that did not come to all of its verdicts, or in which something else broke, has
 * concluded nothing (3), unless what it did reach violates (1).
 */
export function startExitCode(verdicts: readonly Verdict[], wanted: number, ended: VitestEnd): 0 | 1 | 3 {
  const code = exitCode(verdicts)
  if (code !== 0) return code
  return brokenBeside(verdicts, wanted, ended) === null ? 0 : 3
}

/** What broke apart from the scenarios themselves, in words; null where nothing did. */
export function brokenBeside(verdicts: readonly Verdict[], wanted: number, ended: VitestEnd): string | null {
  if (ended.signal !== null) return `vitest was ended by ${ended.signal}`
  if (verdicts.length < wanted) return `${verdicts.length} of ${wanted} verdicts were reached`
  if (ended.exitCode !== 0 && verdicts.every(asExpected))
    return `vitest failed outside of the scenarios (exit code ${ended.exitCode})`
  return null
}

/** What a reader will want to run again: everything that is not as its scenario declares. */
export function unexpected(verdicts: readonly Verdict[]): string[] {
  return [...new Set(verdicts.filter((verdict) => !asExpected(verdict)).map(({ scenario }) => scenario))]
}

/** The `npm start` that runs these scenarios again as they were run; none where there are none. */
export function repeatCommand(
  scenarios: readonly string[],
  { cluster, repeat, reboots, offline }: Pick<StartOptions, 'cluster' | 'repeat' | 'reboots' | 'offline'>,
): string[] {
  if (scenarios.length === 0) return []
  const flags = [
    ...(cluster === null ? [] : ['--cluster', cluster]),
    '--scenario',
    globOf(scenarios),
    ...(repeat === 1 ? [] : ['--repeat', String(repeat)]),
    ...(reboots === 5 ? [] : ['--reboots', String(reboots)]),
    ...(offline ? ['--offline'] : []),
  ]
  return [`npm start -- ${flags.map(quote).join(' ')}`]
}

/** What a run has left in its directories, for the text that it ends with. */
export function leftFiles(
  run: Pick<Run, 'id' | 'out' | 'workDirectory' | 'keep'>,
): Pick<Ending, 'journals' | 'kubeconfigs' | 'allure'> {
  const journal = path.join(run.out, 'journal')
  return {
    journals: entries(journal)
      .filter((name) => name.endsWith(`-${run.id}.jsonl`))
      .map((name) => path.join(journal, name)),
    kubeconfigs: run.keep
      ? entries(run.workDirectory)
          .map((name) => path.join(run.workDirectory, name, 'kubeconfig'))
          .filter((file) => existsSync(file))
      : [],
    allure: entries(allureResults(run.out)).length > 0,
  }
}

function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).toSorted() : []
}
