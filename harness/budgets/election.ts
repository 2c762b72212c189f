import { type Budget, budget, type Term } from './budget.ts'
import { containerBackoff, leaderElection, leaderElectionJitter, podStartup } from './constants.ts'

/** The three constants of an election by client-go. */
export interface ElectionTiming {
  readonly leaseDuration: Term
  readonly renewDeadline: Term
  readonly retryPeriod: Term
}

/** Spegel's up to v0.0.28, and those of this project's own elector. */
export const spegelElection: ElectionTiming = {
  leaseDuration: { name: 'lease duration', ms: 10_000, source: 'spegel internal/routing/bootstrap.go: LeaseDuration' },
  renewDeadline: { name: 'renew deadline', ms: 5_000, source: 'spegel internal/routing/bootstrap.go: RenewDeadline' },
  retryPeriod: { name: 'retry period', ms: 2_000, source: 'spegel internal/routing/bootstrap.go: RetryPeriod' },
}

/** kube-controller-manager's and kube-scheduler's. */
export const controlPlaneElection: ElectionTiming = leaderElection

/** The longest pause between two looks of a candidate: the period, and up to 1.2 times it on top. */
function look({ retryPeriod }: ElectionTiming): Term {
  const source = 'client-go leaderelection.go: wait.JitterUntil(RetryPeriod, JitterFactor 1.2)'
  return { name: 'retry period × 2.2', ms: retryPeriod.ms * (1 + leaderElectionJitter), source }
}

/** Reading the lock and writing it, on a host that has other things to do. */
const requests: Term = { name: 'two requests', ms: 600, source: "harness: with Spegel's constants 15 s in all" }

/**
 * A candidate that runs takes the lock: it has to see the lease unchanged for its whole duration, which it counts from
 * its own first look at it, and looks again.
 */
export function lockTaken(timing: ElectionTiming): Budget {
  return budget(timing.leaseDuration, look(timing), requests)
}

/**
 * The lock changes hands after its holder has gone: the others may have seen the last renewal one look late.
 */
export function lockTakenOver(timing: ElectionTiming): Budget {
  return budget({ ...look(timing), name: 'last renewal seen' }, ...lockTaken(timing).terms)
}

/** As above where nobody stands by: the holder's own container is started again, at once the first time. */
export function lockTakenAgain(timing: ElectionTiming, restarts: number): Budget {
  return budget(restartBackoff(restarts), podStartup, ...lockTaken(timing).terms)
}

/** Pods that were replaced have a holder and are Ready, or their startup probe ends them. */
export function electedOrEnded(startup: Term): Budget {
  return budget(podStartup, startup)
}

/** What the kubelet waits before it starts a container again that has been restarted so often. */
export function restartBackoff(restarts: number): Term {
  const ms = restarts === 0 ? 0 : Math.min(containerBackoff.initialMs * 2 ** (restarts - 1), containerBackoff.maxMs)
  return { name: `container back-off after ${restarts} restarts`, ms, source: containerBackoff.source }
}

/** kubelet: what a container that fails its startup probe may take to end. */
export const terminationGrace: Term = {
  name: 'terminationGracePeriodSeconds',
  ms: 30_000,
  source: 'Kubernetes API default',
}

/**
 * The way is open again: the container that runs is ended by its startup probe at the worst, waits out its back-off, is
 * started, and takes the lock.
 */
export function recoveredWithoutHands(timing: ElectionTiming, startup: Term, restarts: number): Budget {
  return budget(startup, terminationGrace, restartBackoff(restarts + 1), podStartup, ...lockTaken(timing).terms)
}
