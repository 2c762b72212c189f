import type { Term } from './budget.ts'

/** Constants of upstream components that budgets are made of, each with the place that sets it. */

/** kubelet: how often it posts its status, and the most that a change of readiness waits for the next post. */
export const nodeStatusUpdateFrequency: Term = {
  name: 'nodeStatusUpdateFrequency',
  ms: 10_000,
  source: 'KubeletConfiguration default',
}

/** kube-controller-manager --node-monitor-period. */
export const nodeMonitorPeriod: Term = {
  name: 'node-monitor-period',
  ms: 5_000,
  source: 'kube-controller-manager default',
}

/** Kubernetes' own objective for starting a pod whose image is there (99th percentile). */
export const podStartup: Term = {
  name: 'pod startup latency',
  ms: 5_000,
  source: 'Kubernetes SLO, sig-scalability/slos/pod_startup_latency.md',
}

/** kubelet: period of a probe that sets none; a pod is Ready one period after its server answers. */
export const probePeriod: Term = {
  name: 'readinessProbe.periodSeconds',
  ms: 10_000,
  source: 'Kubernetes API default',
}

export const leaderElection = {
  leaseDuration: { name: 'lease duration', ms: 15_000, source: '--leader-elect-lease-duration default' },
  renewDeadline: { name: 'renew deadline', ms: 10_000, source: '--leader-elect-renew-deadline default' },
  retryPeriod: { name: 'retry period', ms: 2_000, source: '--leader-elect-retry-period default' },
} as const satisfies Record<string, Term>

/** client-go's retry period grows by a jitter factor: leaderelection.JitterFactor. */
export const leaderElectionJitter = 1.2

/** kubelet: a container that ends is started again after 10 s, doubled each time, 300 s at most. */
export const containerBackoff = { initialMs: 10_000, maxMs: 300_000, source: 'kubelet backOffPeriod' } as const

/** DaemonSet controller: flowcontrol.NewBackOff(1 s, 15 min), pkg/controller/daemon/daemon_controller.go. */
export const failedPodsBackoff = {
  initialMs: 1_000,
  maxMs: 900_000,
  source: 'pkg/controller/daemon: flowcontrol.NewBackOff(1s, 15min)',
} as const

/** systemd inside a node stops what does not end by itself: DefaultTimeoutStopSec. */
export const systemdStop: Term = { name: 'TimeoutStopSec', ms: 90_000, source: 'systemd default' }

/** Endpoints leave a Service: EndpointSlice batching, kube-proxy minSyncPeriod 1 s, one watch event each. */
export const endpointPropagation: Term = {
  name: 'EndpointSlice and kube-proxy sync',
  ms: 2_000,
  source: 'kube-proxy iptables.minSyncPeriod 1s, and the EndpointSlice controller before it',
}
