import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually } from '../eventually.ts'
import { judgedContext } from '../faults/wait-context.ts'
import { KubeApiError, type KubeList } from '../kube/api.ts'
import { describePod, type Pod } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** Marks the node as (un)schedulable. */
export async function cordon(
  { api }: Pick<StartedCluster, 'api'>,
  node: ClusterNode,
  unschedulable = true,
): Promise<void> {
  await api.patch(`/api/v1/nodes/${node.name}`, { spec: { unschedulable } })
}

/** What kubectl drain leaves on the node: pods of DaemonSets and static pods. */
export function drainable(pod: Pod): boolean {
  const owner = pod.metadata.ownerReferences?.[0]?.kind
  const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
  return owner !== 'DaemonSet' && owner !== 'Node' && !ended
}

/** Pods end within their terminationGracePeriodSeconds (default 30 s), and a refused eviction is asked for again. */
const drained = budget({
  name: 'terminationGracePeriodSeconds',
  ms: 60_000,
  source: 'Kubernetes API default 30 s, twice',
})

/** Cordons the node and evicts its pods, as `kubectl drain --ignore-daemonsets` does; returns once they are gone. */
export async function drain(
  cluster: Pick<StartedCluster, 'api' | 'journal' | 'host'>,
  node: ClusterNode,
): Promise<void> {
  await cordon(cluster, node)
  const path = `/api/v1/pods?fieldSelector=spec.nodeName=${node.name}`
  await eventually(judgedContext(cluster), `${node.name} is drained`, {
    probe: async () => {
      const pods = (await cluster.api.get<KubeList<Pod>>(path)).items.filter(drainable)
      await Promise.all(
        pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((pod) => evict(cluster, pod)),
      )
      return pods
    },
    until: (pods) => pods.length === 0,
    within: drained,
    describe: (pods) => pods.map(describePod).join(', ') || 'empty',
  })
}

async function evict({ api }: Pick<StartedCluster, 'api'>, { metadata: { name, namespace } }: Pod): Promise<void> {
  try {
    await api.create(`/api/v1/namespaces/${namespace ?? ''}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
    })
  } catch (error) {
    // 404: it is gone already. 429: a disruption budget forbids it for now; it is asked for again.
    if (!(error instanceof KubeApiError && (error.status === 404 || error.status === 429))) throw error
  }
}
