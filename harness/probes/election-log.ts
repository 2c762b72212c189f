import type { LogLine } from './container-log.ts'

/** What a program that takes part in an election says of it, whichever way it says it. */
export type ElectionEvent =
  | { readonly at: number; readonly kind: 'acquiring' | 'acquired' | 'acting' | 'lost' | 'self' }
  | { readonly at: number; readonly kind: 'lock-error'; readonly error: string }

/** What this project's own elector calls it (clusters/subject-images/elector/README.md). */
const ownEvents = {
  started: 'acquiring',
  leading: 'acquired',
  acting: 'acting',
  'stopped-leading': 'lost',
} as const

/** Lines of client-go (tools/leaderelection/leaderelection.go; capitals since v0.35) and of Spegel up to v0.0.28. */
const phrases = [
  [/attempting to acquire leader lease/i, 'acquiring'],
  [/successfully acquired lease/i, 'acquired'],
  [/failed to renew lease/i, 'lost'],
  [/leader is self skipping connection/, 'self'],
] as const

/**
 * client-go up to v0.34: "error retrieving resource lock NAME: …", "error initially creating leader election record: …",
 * "Failed to update lock: …"; from v0.35 on "Error retrieving lease lock", "Error initially creating lease lock", "Failed to
 * update lease". What it says of an optimistic update is followed by one that is not.
 */
const lockError =
  /(?:error (?:initially creating|retrieving) (?:leader election record|resource lock|lease lock)|failed to update (?:lock|lease))(?! optimistically)[^:]*: (.*)/is

/** Another candidate was faster, or the program is ending: no candidate is kept from its lock by that. */
const harmless = /the object has been modified|already exists|signal received|context canceled/

/**
 * The lines of an election by their meaning: client-go's through klog or within JSON, Spegel's own, and the elector's.
 * `self`: "leader is self skipping connection to bootstrap node", which is true of the holder and a symptom on any other
 * instance (spegel#333). `acting`: it does what only the leader may do.
 */
export function electionEvents(lines: readonly LogLine[]): ElectionEvent[] {
  return lines.flatMap(({ at, text }): ElectionEvent[] => {
    const { said, event } = parse(text)
    const error = lockError.exec(said)?.[1]
    if (error !== undefined) return harmless.test(error) ? [] : [{ at, kind: 'lock-error', error: error.trim() }]
    if (event !== null && event in ownEvents) return [{ at, kind: ownEvents[event as keyof typeof ownEvents] }]
    const phrase = phrases.find(([words]) => words.test(said))
    return phrase === undefined ? [] : [{ at, kind: phrase[1] }]
  })
}

/** klog's structured lines: `E1121 … leaderelection.go:361] "Error retrieving lease lock" err="…" lock="…"`. */
const structured = /^[IWEF]\d{4} [^\]]*\] ("(?:[^"\\]|\\.)*")(?:.*? err=("(?:[^"\\]|\\.)*"))?/

/** What a line says: its message and, behind a colon, its error. */
function parse(text: string): { readonly said: string; readonly event: string | null } {
  try {
    if (text.startsWith('{')) {
      const { msg, error, err, event } = JSON.parse(text) as Record<string, unknown>
      const said = [msg, error, err].filter((part) => typeof part === 'string').join(': ')
      return { said, event: typeof event === 'string' ? event : null }
    }
    // Go quotes as JSON does, but for characters that these lines do not have.
    const parts = structured
      .exec(text)
      ?.slice(1)
      .filter((part) => part !== undefined)
    if (parts !== undefined) return { said: parts.map((part) => String(JSON.parse(part))).join(': '), event: null }
  } catch {
    // It is no JSON after all.
  }
  return { said: text, event: null }
}
