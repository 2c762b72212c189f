const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/**
 * Milliseconds of a duration as Kubernetes writes them: `500ms`, `30s`, `1m30s`, `15m`.
 * @throws {RangeError} where the text is not such a duration
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new RangeError(`${JSON.stringify(text)} is not a duration such as 500ms, 30s, 1m30s or 2h`)
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units], 0)
}

/** The shortest text that says the duration to a tenth of a second: `0.4 s`, `59.8 s`, `2 min 5 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`
  const seconds = Math.round(milliseconds / 1_000)
  const rest = seconds % 60
  return rest === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${rest} s`
}
