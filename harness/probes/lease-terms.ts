import type { JournalRecord } from '../journal.ts'
import type { LeaseFacts } from '../kube/observe.ts'

/** A time in which one held a lock, by the records of both: its own, and the one who came after. */
export interface LeaseTerm {
  readonly holder: string
  /** When it took the lock, in milliseconds since the epoch. */
  readonly from: number
  /** Its last renewal that anybody saw; null: it holds the lock still. */
  readonly lastRenewal: number | null
}

/** The terms of a lease in the journal, oldest first: `subject` is `lease/kube-system/kube-scheduler`. */
export function leaseTerms(records: readonly JournalRecord[], subject: string): LeaseTerm[] {
  const terms: LeaseTerm[] = []
  for (const record of records) {
    if (record.source !== 'api-watch' || record.subject !== subject) continue
    // Only observeApi writes api-watch records of leases, with these facts.
    const { holder, acquiredAt, previous } = record.data as LeaseFacts
    const current = terms.at(-1)
    if (current !== undefined && current.lastRenewal === null) {
      terms[terms.length - 1] = { ...current, lastRenewal: time(previous?.renewedAt ?? null) ?? current.from }
    }
    if (holder !== '') terms.push({ holder, from: time(acquiredAt) ?? Date.parse(record.at), lastRenewal: null })
  }
  return terms
}

/**
 * Pairs of terms of which the later began before the earlier was over. A holder's term is over with its end, where that
 * is known (`ends`: when its process ended, in milliseconds since the epoch), else with its last renewal.
 */
export function overlaps(
  terms: readonly LeaseTerm[],
  ends: ReadonlyMap<string, number> = new Map(),
): { readonly earlier: LeaseTerm; readonly later: LeaseTerm; readonly byMs: number }[] {
  return terms.slice(1).flatMap((later, index) => {
    const earlier = terms[index]
    if (earlier === undefined || earlier.holder === later.holder) return []
    const over = ends.get(earlier.holder) ?? earlier.lastRenewal ?? Number.POSITIVE_INFINITY
    return later.from < over ? [{ earlier, later, byMs: over - later.from }] : []
  })
}

function time(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
