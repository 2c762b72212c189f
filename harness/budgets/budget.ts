import { formatDuration } from '../duration.ts'

/** One constant that a deadline is made of. */
export interface Term {
  readonly name: string
  readonly ms: number
  /** Where the constant comes from: a component's flag, upstream code, the definition, a measurement of this run. */
  readonly source: string
}

/** A deadline, in milliseconds, with the constants that add up to it. */
export interface Budget {
  readonly ms: number
  readonly terms: readonly Term[]
}

export function budget(...terms: readonly Term[]): Budget {
  return { ms: terms.reduce((sum, { ms }) => sum + ms, 0), terms }
}

/** The budget with further terms added. */
export function extend(base: Budget, ...terms: readonly Term[]): Budget {
  return budget(...base.terms, ...terms)
}

/** `95 s = node-monitor-grace-period 50 s + …`, for verdicts and failure messages. */
export function describeBudget({ ms, terms }: Budget): string {
  const sum = terms.map((term) => `${term.name} ${formatDuration(term.ms)} (${term.source})`)
  return `${formatDuration(ms)} = ${sum.join(' + ')}`
}
