import { formatDuration } from './duration.ts'

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
  const kept = () =>
    `${formatDuration(now() - since)}, and others had the processors for ` +
    `${formatDuration(host.keptMs(since, now()))} of them`
  while (now() - since - host.keptMs(since, now()) < wantedMs) {
    if (await holds()) return `${slow === null ? '' : `${slow}; `}it came true after ${kept()}`
    if (now() - since >= longest * withinMs) return slow ?? `it was watched for ${kept()}`
  }
  return null
}
