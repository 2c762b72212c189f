const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** No clock of a run goes further, and no number of milliseconds so large that sums of it would be infinite. */
const longestMs = 366 * 24 * units.h

/**
 * Milliseconds of a duration as Kubernetes writes them: `500ms`, `30s`, `1m30s`, `15m`.
 * @throws {RangeError} where the text is not such a duration, or longer than a year
 */
export function parseDuration(text: string): number {
  // Anchored, because the search below would begin anew at each of a million digits.
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new RangeError(`${quoted(text)} is not a duration such as 500ms, 30s, 1m30s or 2h`)
  }
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * units[unit as keyof typeof units], 0)
  if (sum > longestMs) throw new RangeError(`${quoted(text)} is longer than a year`)
  return sum
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

/** The shortest text that says the duration to a tenth of a second: `0.4 s`, `59.8 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`
  const seconds = Math.round(milliseconds / 1_000)
  const rest = seconds % 60
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`
}
