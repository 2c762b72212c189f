import type { Verdict } from '../../harness/verdict.ts'

/** A verdict of several with the same scenario, cluster and distribution, and which of them it is. */
export interface Repeated {
  readonly verdict: Verdict
  /** 1 for the first. */
  readonly repeat: number
}

/** All verdicts, each with its number among those that nothing else tells apart: `--repeat`, or runs that were merged. */
export function repeats(verdicts: readonly Verdict[]): Repeated[] {
  const number = counter()
  return verdicts.map((verdict) => ({ verdict, repeat: number(...identity(verdict)) }))
}

/** What a verdict is of. */
export function identity({ scenario, cluster, distribution }: Verdict): readonly string[] {
  return [scenario, cluster, distribution.name, distribution.version, distribution.kubernetes]
}

/** Says of each key how often it has come by now: 1 for the first time. */
export function counter(): (...key: readonly string[]) => number {
  const seen = new Map<string, number>()
  return (...key) => {
    const joined = JSON.stringify(key)
    const times = (seen.get(joined) ?? 0) + 1
    seen.set(joined, times)
    return times
  }
}
