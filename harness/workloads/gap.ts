import type { Lapse } from '../own-time.ts'

/** The longest stretch between two of these moments, which are in order; milliseconds of the run's clock. */
export function longestBetween(moments: readonly number[]): Lapse {
  let longest: Lapse = { since: moments[0] ?? 0, ms: 0 }
  for (const [index, at] of moments.entries()) {
    const since = moments[index - 1] ?? at
    if (at - since > longest.ms) longest = { since, ms: at - since }
  }
  return longest
}
