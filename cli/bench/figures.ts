/** The value that so much of the others do not exceed (nearest rank); `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('nothing was measured')
  return value
}

/** The middle value; between the two middle ones where their number is even: neither is preferred. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  const upper = sorted[Math.floor(sorted.length / 2)]
  if (lower === undefined || upper === undefined) throw new RangeError('nothing was measured')
  return (lower + upper) / 2
}

/** Several measurements of one thing, as text with their unit: `25.5 s (25.2 to 27.5)`. */
export function medianAndRange(values: readonly number[], digits: number, unit = ''): string {
  const text = (value: number) => value.toFixed(digits)
  const range = values.length > 1 ? ` (${text(Math.min(...values))} to ${text(Math.max(...values))})` : ''
  return `${text(median(values))}${unit && ` ${unit}`}${range}`
}

/**
 * Each value over the reference of the same round, so that what slows a whole round down does not count.
 * @throws {RangeError} where a round lacks one of the two
 */
export function ratios(values: readonly number[], references: readonly number[]): number[] {
  if (values.length !== references.length) {
    throw new RangeError(`${values.length} measurements cannot be paired with ${references.length}`)
  }
  return values.map((value, round) => value / (references[round] ?? Number.NaN))
}

export interface Figure {
  readonly name: string
  /** What it must not exceed. */
  readonly goal: number
  readonly measured: number
  readonly unit: string
  /** What else is worth knowing of it. */
  readonly detail: string
}

export function held({ goal, measured }: Figure): boolean {
  return measured <= goal
}
