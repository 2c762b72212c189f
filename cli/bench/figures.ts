/** The value that so much of the others do not exceed (nearest rank); `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new RangeError('nothing was measured')
  return value
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
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
