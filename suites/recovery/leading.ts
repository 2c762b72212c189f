import { type Budget, extend } from '../../harness/budgets/budget.ts'
import { restartBackoff } from '../../harness/budgets/election.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import type { Diagnosis } from '../../harness/verdict.ts'
import { held, leaseState } from '../../harness/probes/leases.ts'
import { labelledPods } from '../../harness/probes/pods.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'

export interface LedAgain {
  /** When the API was back, in milliseconds of the run's clock. */
  readonly since: number
  /** The same, in milliseconds since the epoch: a renewal from before says nothing of a holder after it. */
  readonly renewedSince: number
  /** Without what the kubelet waits before it starts again a container that has ended more than once. */
  readonly within: Budget
  readonly diagnose: () => Promise<Diagnosis>
}

/** The control plane is led again: that its pods are Ready says nothing of it. */
export async function ledAgain(
  { cluster, eventually, measure }: ScenarioContext,
  { since, renewedSince, within, diagnose }: LedAgain,
): Promise<void> {
  for (const component of ['kube-controller-manager', 'kube-scheduler']) {
    const restarts = await restartsOf(cluster, component)
    await eventually(`the lease of ${component} has a holder again`, {
      probe: () => leaseState(cluster, component),
      until: (lease) => held(lease, Date.now()) && lease.renewedAt >= renewedSince,
      within: restarts > 1 ? extend(within, restartBackoff(restarts)) : within,
      since,
      describe: ({ holder, renewedAt }) => `${holder}, renewed ${new Date(renewedAt).toISOString()}`,
      diagnose,
    })
    measure(`${component} leads after`, cluster.journal.now() - since, 'ms')
  }
}

/** How often its container has been started again, the most of all its pods; 0 where it has none, as with k3s. */
async function restartsOf(cluster: StartedCluster, component: string): Promise<number> {
  const pods = await labelledPods(cluster, 'kube-system', `component=${component}`)
  const counts = pods.flatMap(({ status }) => status?.containerStatuses?.map(({ restartCount }) => restartCount) ?? [])
  return Math.max(0, ...counts)
}
