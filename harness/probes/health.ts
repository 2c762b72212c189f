import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import { conditionTrue, type DaemonSet, describePod, type Node, type Pod, podReady } from '../kube/types.ts'

/** What is not as it should be, a line each; empty: the cluster is healthy. */
export type Ailments = readonly string[]

/**
 * The cluster's health: every machine a Ready Node, every DaemonSet complete, every pod of kube-system Ready.
 * Pods that ended for good are no ailment: they are history.
 */
export async function ailments(cluster: Pick<StartedCluster, 'api' | 'nodes'>): Promise<Ailments> {
  const [nodes, pods, daemonSets] = await Promise.all([
    cluster.api.get<KubeList<Node>>('/api/v1/nodes?resourceVersion=0'),
    cluster.api.get<KubeList<Pod>>('/api/v1/namespaces/kube-system/pods?resourceVersion=0'),
    cluster.api.get<KubeList<DaemonSet>>('/apis/apps/v1/daemonsets?resourceVersion=0'),
  ])
  return [
    ...nodeAilments(
      cluster.nodes.map(({ name }) => name),
      nodes.items,
    ),
    ...podAilments(pods.items),
    ...daemonSetAilments(daemonSets.items),
  ]
}

export function nodeAilments(machines: readonly string[], nodes: readonly Node[]): Ailments {
  return machines.flatMap((machine) => {
    const node = nodes.find(({ metadata }) => metadata.name === machine)
    if (node === undefined) return [`machine ${machine} is no Node`]
    return conditionTrue(node, 'Ready') ? [] : [`node ${machine} is not Ready`]
  })
}

export function podAilments(pods: readonly Pod[]): Ailments {
  return pods
    .filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && !podReady(pod))
    .map((pod) => `pod ${describePod(pod)}`)
}

export function daemonSetAilments(daemonSets: readonly DaemonSet[]): Ailments {
  return daemonSets.flatMap(({ metadata, status }) =>
    status === undefined || status.numberReady < status.desiredNumberScheduled || status.desiredNumberScheduled === 0
      ? [`DaemonSet ${metadata.name} has ${status?.numberReady ?? 0} of ${status?.desiredNumberScheduled ?? 0} Ready`]
      : [],
  )
}
