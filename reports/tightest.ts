import { formatDuration } from '../harness/duration.ts'
import type { ExpectationResult, Verdict } from '../harness/verdict.ts'

/** The expectation that used up most of its budget; one that was missed is tighter than all that were met. */
export function tightest(expectations: readonly ExpectationResult[]): ExpectationResult | null {
  let found: ExpectationResult | null = null
  for (const expectation of expectations) {
    if (found === null || share(expectation) > share(found)) found = expectation
  }
  return found
}

/** An expectation that was met with less than a fifth of its budget to spare: on a slower day it would be missed. */
export interface CloseCall {
  readonly verdict: Pick<Verdict, 'scenario' | 'cluster'>
  readonly expectation: ExpectationResult
}

/** The share of a budget above which what was met is looked into. */
export const closeShare = 0.8

/** The close calls of all verdicts, the closest first. What was missed is none: the verdict says so itself. */
export function closeCalls(verdicts: readonly Verdict[]): CloseCall[] {
  return verdicts
    .flatMap((verdict) => verdict.expectations.map((expectation) => ({ verdict, expectation })))
    .filter(({ expectation }) => expectation.tookMs !== null && share(expectation) > closeShare)
    .toSorted((left, right) => share(right.expectation) - share(left.expectation))
}

/** `recovery.power-cut on kind: the node is marked NotReady (45.2 s / 50 s)` */
export function closeCallText({ verdict, expectation }: CloseCall): string {
  return `${verdict.scenario} on ${verdict.cluster}: ${expectation.name} (${tookText(expectation)})`
}

/** `45.2 s / 1 min 5 s`, `missed / 1 min`; of what has no deadline `holds (at once)`, `never did`. */
export function tookText(result: ExpectationResult): string {
  const { tookMs, withinMs, budget } = result
  if (budget === 'never') return withoutDeadline(result)
  if (withinMs === 0) return `${withoutDeadline(result)} (${budget})`
  return `${tookMs === null ? 'missed' : formatDuration(tookMs)} / ${formatDuration(withinMs)}`
}

/** What came of an expectation that has no deadline: it holds at once, or it never did. */
export function withoutDeadline({ budget, tookMs }: Pick<ExpectationResult, 'budget' | 'tookMs'>): string {
  if (budget === 'never') return tookMs === null ? 'it did' : 'never did'
  return tookMs === null ? 'does not hold' : 'holds'
}

function share({ tookMs, withinMs }: ExpectationResult): number {
  if (tookMs === null) return Number.POSITIVE_INFINITY
  // "At once" and "never" have no budget that could be used up.
  return withinMs === 0 ? 0 : tookMs / withinMs
}
