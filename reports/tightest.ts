import { formatDuration } from '../harness/duration.ts'
import type { ExpectationResult } from '../harness/verdict.ts'

/** The expectation that used up most of its budget; one that was missed is tighter than all that were met. */
export function tightest(expectations: readonly ExpectationResult[]): ExpectationResult | null {
  let found: ExpectationResult | null = null
  for (const expectation of expectations) {
    if (found === null || share(expectation) > share(found)) found = expectation
  }
  return found
}

/** `45.2 s / 1 min 5 s`, `missed / 1 min`; of what has no deadline `holds (at once)`. */
export function tookText({ tookMs, withinMs, budget }: ExpectationResult): string {
  if (withinMs === 0) return `${tookMs === null ? 'does not hold' : 'holds'} (${budget})`
  return `${tookMs === null ? 'missed' : formatDuration(tookMs)} / ${formatDuration(withinMs)}`
}

function share({ tookMs, withinMs }: ExpectationResult): number {
  if (tookMs === null) return Number.POSITIVE_INFINITY
  // "At once" and "never" have no budget that could be used up.
  return withinMs === 0 ? 0 : tookMs / withinMs
}
