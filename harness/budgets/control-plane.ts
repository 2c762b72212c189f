import { nodeReadyAfterReboot } from './boot.ts'
import { type Budget, budget, extend } from './budget.ts'
import { containerBackoff, leaderElection, leaderElectionJitter, podStartup } from './constants.ts'

/**
 * A single control plane that is rebooted answers again: the node's boot, its static pods, and one back-off of an API
 * server that starts before its etcd and ends.
 */
export function apiServerBack(shutdownGracePeriodMs: number, nodeBootMs: number): Budget {
  return extend(
    nodeReadyAfterReboot(shutdownGracePeriodMs, nodeBootMs),
    { ...podStartup, name: 'start of the static pods' },
    { name: 'one container back-off', ms: containerBackoff.initialMs, source: containerBackoff.source },
  )
}

/**
 * The controllers lead again once the API is back: their container's back-off, the old lease running out, a renewal
 * that was under way and failed, one retry.
 */
export function leasesHeld(): Budget {
  const { leaseDuration, renewDeadline, retryPeriod } = leaderElection
  return budget(
    { name: 'one container back-off', ms: containerBackoff.initialMs, source: containerBackoff.source },
    leaseDuration,
    renewDeadline,
    { ...retryPeriod, name: 'retry period × jitter', ms: retryPeriod.ms * leaderElectionJitter },
  )
}
