import {
  afterDeletion,
  type BackoffState,
  backoffTolerance,
  delayBeforeDeletion,
  earliestDeletion,
  noBackoff,
  predictedDeletion,
} from '../budgets/daemonset.ts'
import type { Journal, JournalRecord } from '../journal.ts'
import type { LeaseFacts, PodFacts } from '../kube/observe.ts'
import type { EarlierBackoff } from './earlier-backoff.ts'

/** One failed pod of a DaemonSet on a node, and what the controller's back-off did with it. Times: the run's clock. */
export interface Replacement {
  readonly pod: string
  /** DaemonSet's name and uid. */
  readonly owner: string
  readonly failedAt: number
  readonly reason: string
  /** When the model has the controller delete it. */
  readonly predictedAt: number
  /** When it may delete it at the earliest: an event of the DaemonSet may make it look before `predictedAt`. */
  readonly earliestAt: number
  /** When it was deleted; null: not yet. */
  readonly deletedAt: number | null
  /** Delay between the failure and the deletion that the model predicts, in milliseconds. */
  readonly predictedDelayMs: number
  readonly measuredDelayMs: number | null
}

export interface DaemonSetHistory {
  readonly replacements: readonly Replacement[]
  /** Back-off in effect per DaemonSet (`DaemonSet/kube-proxy`). */
  readonly backoff: ReadonlyMap<string, BackoffState>
}

interface FailedPod {
  readonly pod: string
  readonly owner: string
  readonly key: string
  readonly failedAt: number
  readonly reason: string
}

/**
 * Replays the journal: which DaemonSet pods of the node failed, when each was deleted, and when the model of the
 * controller's back-off had it deleted. The back-off lives in the leading controller-manager's memory, per DaemonSet,
 * template generation and node: a new leader and a new template both begin without one. What it held before the journal
 * began stands in it as an `EarlierBackoff`, where somebody looked.
 */
export function daemonSetHistory(records: readonly JournalRecord[], node: string): DaemonSetHistory {
  const failed = new Map<string, FailedPod>()
  const done = new Set<string>()
  const states = new Map<string, BackoffState>()
  const owners = new Map<string, string>()
  const replacements: Replacement[] = []
  let ledSince = Number.NEGATIVE_INFINITY
  const finish = (pod: FailedPod, deletedAt: number | null) => {
    const state = states.get(pod.key) ?? noBackoff
    // A pod that failed under nobody, or waited under a leader that is gone, waits for the one that deletes it.
    const predictedAt = Math.max(ledSince, predictedDeletion(state, pod.failedAt))
    replacements.push({
      pod: pod.pod,
      owner: pod.owner,
      failedAt: pod.failedAt,
      reason: pod.reason,
      predictedAt,
      earliestAt: Math.max(ledSince, earliestDeletion(state, pod.failedAt)),
      deletedAt,
      predictedDelayMs: predictedAt - pod.failedAt,
      measuredDelayMs: deletedAt === null ? null : deletedAt - pod.failedAt,
    })
  }
  for (const record of records) {
    if (record.source !== 'api-watch') continue
    if (record.subject === 'lease/kube-system/kube-controller-manager') {
      const { holder } = record.data as LeaseFacts
      if (holder === '') continue
      states.clear()
      ledSince = record.t
      continue
    }
    if (record.subject === `backoff/${node}`) {
      const { owner, ownerUid, templateGeneration, deletions, lastDeletionAt } = record.data as EarlierBackoff
      const key = `${ownerUid}/${templateGeneration ?? ''}`
      owners.set(owner, key)
      states.set(key, { delayMs: delayBeforeDeletion(deletions + 1), lastDeletionAt })
      continue
    }
    if (!record.subject.startsWith('pod/')) continue
    // Only observeApi writes api-watch records of pods, with these facts.
    const facts = record.data as PodFacts
    if (facts.node !== node || facts.owner === null || !facts.owner.startsWith('DaemonSet/')) continue
    const key = `${facts.ownerUid ?? ''}/${facts.templateGeneration ?? ''}`
    owners.set(facts.owner, key)
    // A pod that fails while it is being deleted is none of the controller's concern any more.
    if (facts.phase === 'Failed' && !facts.deleting && record.kind !== 'DELETED' && !failed.has(facts.uid)) {
      failed.set(facts.uid, {
        pod: record.subject.slice('pod/'.length),
        owner: facts.owner,
        key,
        failedAt: record.t,
        reason: facts.reason ?? 'Failed',
      })
    }
    const pod = failed.get(facts.uid)
    if (pod !== undefined && !done.has(facts.uid) && (record.kind === 'DELETED' || facts.deleting)) {
      done.add(facts.uid)
      finish(pod, record.t)
      states.set(pod.key, afterDeletion(states.get(pod.key) ?? noBackoff, record.t))
    }
  }
  for (const [uid, pod] of failed) if (!done.has(uid)) finish(pod, null)
  const backoff = new Map(
    [...owners].flatMap(([owner, key]) => {
      const state = states.get(key)
      return state === undefined ? [] : [[owner, state] as const]
    }),
  )
  return { replacements: replacements.toSorted((a, b) => a.failedAt - b.failedAt), backoff }
}

/** What the journal has of a replacement: source `probe`, kind `replacement`, subject `pod/NAMESPACE/NAME`. */
export type ReplacementFacts = Replacement & { readonly node: string }

/**
 * The history, and what of it the journal has not got yet written into it: a failed pod once while it waits, with what
 * the model says then, and once more when it has been deleted. A report has the journal, and no model.
 */
export function writeReplacements(journal: Pick<Journal, 'records' | 'append'>, node: string): DaemonSetHistory {
  const records = journal.records()
  const history = daemonSetHistory(records, node)
  const written = new Map(
    records
      .filter(({ source, kind }) => source === 'probe' && kind === 'replacement')
      // Written below, and nowhere else.
      .map(({ subject, data }) => [subject, (data as ReplacementFacts).deletedAt]),
  )
  for (const replacement of history.replacements) {
    const subject = `pod/${replacement.pod}`
    if (written.get(subject) === replacement.deletedAt) continue
    journal.append('probe', 'replacement', subject, { ...replacement, node } satisfies ReplacementFacts)
  }
  return history
}

/** The failed pods that wait for their deletion, the longest wait first. */
export function pendingReplacements(history: DaemonSetHistory): readonly Replacement[] {
  return history.replacements
    .filter(({ deletedAt }) => deletedAt === null)
    .toSorted((a, b) => b.predictedAt - a.predictedAt)
}

/**
 * Whether a failed pod was deleted when the model has it: not before the back-off was over, and not later than the
 * controller's own next look, each within 10 % of the delay and one second.
 */
export function followsModel({ failedAt, earliestAt, predictedAt, deletedAt }: Replacement): boolean {
  if (deletedAt === null) return false
  return (
    deletedAt >= earliestAt - backoffTolerance(earliestAt - failedAt) &&
    deletedAt <= predictedAt + backoffTolerance(predictedAt - failedAt)
  )
}

/**
 * The shortest time in the journal from the deletion of a failed DaemonSet pod of the node until the DaemonSet has a
 * Ready pod there again, in milliseconds; 0 where there is none.
 */
export function shortestStart(records: readonly JournalRecord[], node: string): number {
  const deletions = new Map<string, number>()
  let shortest = Number.POSITIVE_INFINITY
  for (const record of records) {
    if (record.source !== 'api-watch' || !record.subject.startsWith('pod/')) continue
    const { node: on, owner, phase, ready } = record.data as PodFacts
    if (on !== node || owner === null) continue
    const deletedAt = deletions.get(owner)
    if (record.kind === 'DELETED' && phase === 'Failed') deletions.set(owner, record.t)
    else if (ready && deletedAt !== undefined) {
      shortest = Math.min(shortest, record.t - deletedAt)
      deletions.delete(owner)
    }
  }
  return Number.isFinite(shortest) ? shortest : 0
}
