import { formatDuration } from './duration.ts'
import type { Lapse } from './lapse.ts'

/** What tells how much of the host a cluster had. */
export interface HostShare {
  /** Milliseconds between the two moments in which tasks waited and others had the processors. */
  keptMs(since: number, until: number): number
  /** Why nothing can be concluded from what was late between the two; null where the host kept up. */
  slowness(since: number, until: number): string | null
}

export interface MissedDeadline {
  readonly since: number
  readonly withinMs: number
  now(): number
}

/** What a host that was so short brought about, such as a back-off, may outlast it: then the cluster has twice its budget. */
const afterShortage = 2

/** So many budgets after the event nobody waits any longer. */
const longest = 4

/**
 * Why a deadline that has passed blames nobody; null: there is no such reason.
 *
 * A deadline assumes that the cluster has the processors. Where others had them meanwhile, it is watched on until it has had
 * as much time of its own as the deadline gives it. What comes true by then was late for the host's sake, and conforms to
 * nothing; what does not, would not have come true in time on a host of its own either.
 * @param holds looks once more
 */
export async function excuse(
  host: HostShare,
  { since, withinMs, now }: MissedDeadline,
  holds: () => Promise<boolean>,
): Promise<string | null> {
  const slow = host.slowness(since, now())
  const wantedMs = slow === null ? withinMs : afterShortage * withinMs
  const soFar = () => ({ since, ms: now() - since })
  while (now() - since - host.keptMs(since, now()) < wantedMs) {
    if (await holds()) return told(slow, `it came true after ${describe(host, soFar())}`)
    if (now() - since >= longest * withinMs) return told(slow, `it was watched for ${describe(host, soFar())}`)
  }
  return null
}

/**
 * Why a stretch that lasted too long blames nobody; null: there is no such reason. It is over, and cannot be watched on:
 * what others had of it is taken off.
 */
export function excuseLapse(host: HostShare, lapse: Lapse, withinMs: number): string | null {
  const { since, ms } = lapse
  const slow = host.slowness(since, since + ms)
  const ownMs = ms - host.keptMs(since, since + ms)
  if (ownMs > (slow === null ? withinMs : afterShortage * withinMs)) return null
  return told(slow, `it lasted ${describe(host, lapse)}`)
}

function told(slow: string | null, what: string): string {
  return slow === null ? what : `${slow}; ${what}`
}

function describe(host: HostShare, { since, ms }: Lapse): string {
  const keptMs = host.keptMs(since, since + ms)
  return `${formatDuration(ms)}, and others had the processors for ${formatDuration(keptMs)} of them`
}
