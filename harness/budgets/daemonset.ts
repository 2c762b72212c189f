import { type Budget, budget, type Term } from './budget.ts'
import { failedPodsBackoff, podStartup } from './constants.ts'

/**
 * The DaemonSet controller's back-off of failed pods, for one DaemonSet and one node, as its code has it
 * (pkg/controller/daemon `podsShouldBeOnNode`, client-go `flowcontrol.Backoff`).
 *
 * A failed pod is deleted at once unless the last deletion is younger than the current delay. Then the controller
 * looks again after the whole delay (`enqueueDaemonSetAfter(ds, delay)`), not after what is left of it; only an event
 * of the DaemonSet or of one of its pods makes it look sooner. Each deletion doubles the delay, from 1 s to 900 s.
 * 30 quiet minutes forget it.
 */
export interface BackoffState {
  /** The delay that the next failed pod must keep from the last deletion, in milliseconds; 0: none yet. */
  readonly delayMs: number
  /** When the controller last deleted a failed pod, in milliseconds of the run's clock. */
  readonly lastDeletionAt: number
}

export const noBackoff: BackoffState = { delayMs: 0, lastDeletionAt: Number.NEGATIVE_INFINITY }

/** When the controller deletes a pod that failed at `failedAt`, where nothing makes it look sooner. */
export function predictedDeletion(state: BackoffState, failedAt: number): number {
  const { delayMs, lastDeletionAt } = effective(state, failedAt)
  return failedAt - lastDeletionAt < delayMs ? failedAt + delayMs : failedAt
}

/** When it may do so at the earliest: in the first look at the DaemonSet once the delay is over. */
export function earliestDeletion(state: BackoffState, failedAt: number): number {
  const { delayMs, lastDeletionAt } = effective(state, failedAt)
  return Math.max(failedAt, lastDeletionAt + delayMs)
}

/** The state after a failed pod was deleted at `deletedAt`. */
export function afterDeletion(state: BackoffState, deletedAt: number): BackoffState {
  const { delayMs } = effective(state, deletedAt)
  const next = delayMs === 0 ? failedPodsBackoff.initialMs : Math.min(delayMs * 2, failedPodsBackoff.maxMs)
  return { delayMs: next, lastDeletionAt: deletedAt }
}

function effective(state: BackoffState, at: number): BackoffState {
  // flowcontrol.Backoff.hasExpired: quiet for longer than twice the maximum.
  return at - state.lastDeletionAt > failedPodsBackoff.maxMs * 2 ? noBackoff : state
}

/** Delay before the n-th deletion of a pod that fails as soon as it is created: min(2^(n-2), 900) s, 0 for the first. */
export function delayBeforeDeletion(n: number): number {
  if (n <= 1) return 0
  return Math.min(failedPodsBackoff.initialMs * 2 ** (n - 2), failedPodsBackoff.maxMs)
}

/** The model's tolerance: a tenth of the delay and one second, for the controller's queue and the pod's creation. */
export function backoffTolerance(delayMs: number): number {
  return delayMs * 0.1 + 1_000
}

/** How much later than the model has it a failed pod may be deleted that waits for `delayMs`. */
export function deletedAfterBackoff(delayMs: number): Budget {
  return budget({ name: 'tolerance 10 % + 1 s', ms: backoffTolerance(delayMs), source: 'recovery model' })
}

/** Budget of a replacement that the model predicts after `delayMs`. */
export function daemonSetBackoff(delayMs: number): Budget {
  const backoff = { name: 'back-off', ms: delayMs, source: failedPodsBackoff.source }
  return budget(backoff, ...deletedAfterBackoff(delayMs).terms, podStartup)
}

/** What an operator needs, from the definition's objectives. */
export function daemonSetObjective(ms: number): Budget {
  const term: Term = { name: 'objectives.daemonSetRecovery', ms, source: 'cluster definition' }
  return budget(term)
}
