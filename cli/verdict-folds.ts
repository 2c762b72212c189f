import type { ExpectationResult, Verdict } from '../harness/verdict.ts'
import { tightest } from '../reports/tightest.ts'

/** Verdicts that say the same of the same scenario on the same cluster: those of its repetitions. */
export interface VerdictFold {
  /** The first of them. */
  readonly verdict: Verdict
  readonly times: number
  /** Of all of them. */
  readonly tightest: ExpectationResult | null
}

/** Equal verdicts as one, in the order in which the first of them were reached. */
export function foldVerdicts(verdicts: readonly Verdict[]): VerdictFold[] {
  const folds = new Map<string, VerdictFold>()
  for (const verdict of verdicts) {
    const { scenario, cluster, outcome, diagnosis, expected } = verdict
    const key = JSON.stringify([scenario, cluster, outcome, diagnosis?.code, expected])
    const found = folds.get(key)
    const tight = tightest([...(found?.tightest ? [found.tightest] : []), ...verdict.expectations])
    folds.set(key, { verdict: found?.verdict ?? verdict, times: (found?.times ?? 0) + 1, tightest: tight })
  }
  return [...folds.values()]
}
