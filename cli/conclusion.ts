import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'

import type { Run } from '../harness/run.ts'
import { asExpected, exitCode, type Verdict } from '../harness/verdict.ts'
import { type Ending, quote } from './ending.ts'
import { unitProject } from '../reports/run-events.ts'
import { allureResults } from './output-directory.ts'
import type { FailedTest } from './run-display.ts'
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

/**
 * Exit code of `npm start -- --as-declared`: 0 where all verdicts are as their scenarios declare, 1 where one says
 * something else of the cluster, 3 where not all was concluded.
 */
export function declaredExitCode(verdicts: readonly Verdict[], wanted: number, ended: VitestEnd): 0 | 1 | 3 {
  const others = verdicts.filter((verdict) => !asExpected(verdict))
  if (others.some(({ outcome }) => outcome !== 'inconclusive')) return 1
  const isConcluded = others.length === 0 && verdicts.some(({ outcome }) => outcome !== 'skipped')
  return isConcluded && brokenBeside(verdicts, wanted, ended) === null ? 0 : 3
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
  {
    cluster,
    repeat,
    reboots,
    offline,
    matrix,
    asDeclared,
  }: Pick<StartOptions, 'cluster' | 'repeat' | 'reboots' | 'offline' | 'matrix' | 'asDeclared'>,
): string[] {
  if (scenarios.length === 0) return []
  const flags = [
    ...(cluster === null ? [] : ['--cluster', cluster]),
    '--scenario',
    globOf(scenarios),
    ...(repeat === 1 ? [] : ['--repeat', String(repeat)]),
    ...(reboots === 5 ? [] : ['--reboots', String(reboots)]),
    ...(matrix === 'whole' ? ['--whole-matrix'] : []),
    ...(offline ? ['--offline'] : []),
    ...(asDeclared ? ['--as-declared'] : []),
  ]
  return [`npm start -- ${flags.map(quote).join(' ')}`]
}

/**
 * The commands that run again what failed in `npm test`: files of unit tests, scenarios as `npm start` runs them, and
 * every other test (a counter-test, or a scenario that broke without a verdict) by its project and its whole name.
 */
export function repeatTests(
  failed: readonly FailedTest[],
  { offline, matrix }: Pick<StartOptions, 'offline' | 'matrix'>,
): string[] {
  const units = failed.filter(({ project }) => project === unitProject)
  const onClusters = failed.filter(({ project }) => project !== unitProject && project !== '')
  const scenarios = onClusters.filter(isScenario).flatMap(({ scenario }) => scenario ?? [])
  const others = onClusters.filter((test) => !isScenario(test))
  const named = others.filter(({ test }) => test !== '')
  const whole = others.filter(({ test }) => test === '')
  const flags = [...(matrix === 'whole' ? ['--whole-matrix'] : []), ...(offline ? ['--offline'] : [])]
  return [
    ...(units.length === 0 ? [] : [`npm run test:unit -- ${unique(units.map(({ file }) => quote(file))).join(' ')}`]),
    ...repeatCommand(unique(scenarios), { cluster: null, repeat: 1, reboots: 5, offline, matrix, asDeclared: false }),
    ...(named.length === 0 ? [] : [testCommand(named, flags)]),
    ...(whole.length === 0 ? [] : [testCommand(whole, flags)]),
  ]
}

/** Whether `npm start` can run it by its name. */
function isScenario({ project, scenario }: FailedTest): boolean {
  return scenario !== null && /^scenarios(?::|$)/.test(project)
}

function testCommand(failed: readonly FailedTest[], flags: readonly string[]): string {
  const projects = unique(failed.map(({ project }) => project))
  const tests = unique(failed.map(({ test }) => test).filter((test) => test !== ''))
  const words = ['--project', ...projects, ...(tests.length === 0 ? [] : ['--test', ...tests]), ...flags]
  return `npm test -- ${words.map(quote).join(' ')}`
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

/** What a run has left in its directories, for the text that it ends with. */
export function leftFiles(
  run: Pick<Run, 'id' | 'out' | 'workDirectory' | 'keep'>,
): Pick<Ending, 'journals' | 'kubeconfigs' | 'allure'> {
  const journal = path.join(run.out, 'journal')
  return {
    journals: entries(journal)
      .filter((name) => name.includes(`-${run.id}.`) && name.endsWith('.jsonl'))
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
