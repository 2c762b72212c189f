import { type Budget, budget, type Term } from './budget.ts'
import { nodeMonitorPeriod, nodeStatusUpdateFrequency, systemdStop } from './constants.ts'

export { systemdStop }

/** The kubelet's graceful shutdown holds a reboot up for at most this long. */
export function shutdownGrace(ms: number): Term {
  return { name: 'shutdownGracePeriod', ms, source: "the cluster's KubeletConfiguration" }
}

/** The engine starts a container again after 100 ms, doubled for each one that ran less than 10 s, 60 s at most. */
export const engineRestart: Term = {
  name: 'engine restart delay',
  ms: 60_000,
  source: 'moby restartmanager: backoffMultiplier 2, maxRestartTimeout 1 min',
}

/** A node that was started is Ready: the operator's objective for a boot, and one status update. */
export function nodeReadyAfterStart(nodeBootMs: number): Budget {
  return budget(
    { name: 'objectives.nodeBoot', ms: nodeBootMs, source: 'cluster definition' },
    nodeStatusUpdateFrequency,
  )
}

/** A node that is rebooted in order is Ready again. */
export function nodeReadyAfterReboot(shutdownGracePeriodMs: number, nodeBootMs: number): Budget {
  return budget(shutdownGrace(shutdownGracePeriodMs), ...nodeReadyAfterStart(nodeBootMs).terms)
}

/** A kubelet that runs renews its Node's lease within this. */
export const leaseRenewed: Budget = budget(
  { name: 'renewal of a Node lease', ms: 10_000, source: 'kubelet: a quarter of nodeLeaseDurationSeconds, 40 s' },
  { name: 'a renewal that failed', ms: 7_000, source: 'k8s.io/component-helpers lease controller: maxBackoff 7 s' },
)

/** A node that vanishes is marked NotReady. */
export function nodeNotReady(gracePeriodMs: number): Budget {
  return budget(
    { name: 'node-monitor-grace-period', ms: gracePeriodMs, source: 'kube-controller-manager' },
    nodeMonitorPeriod,
    nodeStatusUpdateFrequency,
  )
}
