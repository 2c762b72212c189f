/** A stretch of the run's clock that is over, in milliseconds. */
export interface Lapse {
  readonly since: number
  readonly ms: number
}

/** The stretches between these moments of the run's clock, which are in order. */
export function lapsesBetween(moments: readonly number[]): Lapse[] {
  return moments.slice(1).map((at, index) => {
    const since = moments[index] ?? at
    return { since, ms: at - since }
  })
}

/** The first of the longest; one of no time where there are none. */
export function longestOf(lapses: readonly Lapse[]): Lapse {
  return lapses.reduce((longest, lapse) => (lapse.ms > longest.ms ? lapse : longest), { since: 0, ms: 0 })
}
