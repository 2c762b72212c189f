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

/** Lines of client-go (tools/leaderelection/leaderelection.go) and of Spegel up to v0.0.28. */
const phrases = [
  ['attempting to acquire leader lease', 'acquiring'],
  ['successfully acquired lease', 'acquired'],
  ['failed to renew lease', 'lost'],
  ['leader is self skipping connection', 'self'],
] as const

const lockError =
  /error (?:initially creating|retrieving|updating) (?:leader election record|resource lock)[^:]*: (.*)/s

/**
 * The lines of an election by their meaning: client-go's through klog or within JSON, Spegel's own, and the elector's.
 * `self`: "leader is self skipping connection to bootstrap node", which is true of the holder and a symptom on any other
 * instance (spegel#333). `acting`: it does what only the leader may do.
 */
export function electionEvents(lines: readonly LogLine[]): ElectionEvent[] {
  return lines.flatMap(({ at, text }): ElectionEvent[] => {
    const { said, event } = parse(text)
    const error = lockError.exec(said)?.[1]
    if (error !== undefined) return [{ at, kind: 'lock-error', error: error.trim() }]
    if (event !== null && event in ownEvents) return [{ at, kind: ownEvents[event as keyof typeof ownEvents] }]
    const phrase = phrases.find(([words]) => said.includes(words))
    return phrase === undefined ? [] : [{ at, kind: phrase[1] }]
  })
}

/** What a line says: of a JSON object its message or its error. */
function parse(text: string): { readonly said: string; readonly event: string | null } {
  if (!text.startsWith('{')) return { said: text, event: null }
  try {
    const { msg, error, event } = JSON.parse(text) as Record<string, unknown>
    const said = [msg, error].filter((part) => typeof part === 'string').join(': ')
    return { said, event: typeof event === 'string' ? event : null }
  } catch {
    return { said: text, event: null }
  }
}
