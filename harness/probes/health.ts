import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import { type DaemonSet, type Deployment, describePod, type Node, type Pod } from '../kube/types.ts'
import type { BootTimes } from '../nodes/engine-events.ts'
import { isKubernetesNode } from '../topology.ts'
import { statusSinceBoot } from './node-status.ts'
import { etcdAilments } from './role-health.ts'
import { serving } from './serving.ts'

/** What is not as it should be, a line each; empty: the cluster is healthy. */
export type Ailments = readonly string[]

/**
 * The cluster's health: every machine with a kubelet a Ready Node, every DaemonSet and kube-system's Deployments complete,
 * every pod of kube-system Ready, each since its machine's last boot; and every member of an etcd that is a unit of its own.
 * Pods that ended for good are no ailment: they are history.
 */
export async function ailments(cluster: Pick<StartedCluster, 'api' | 'nodes' | 'boots' | 'etcd'>): Promise<Ailments> {
  const { boots } = cluster
  const [nodes, pods, daemonSets, deployments] = await Promise.all([
    cluster.api.get<KubeList<Node>>('/api/v1/nodes?resourceVersion=0'),
    cluster.api.get<KubeList<Pod>>('/api/v1/namespaces/kube-system/pods?resourceVersion=0'),
    cluster.api.get<KubeList<DaemonSet>>('/apis/apps/v1/daemonsets?resourceVersion=0'),
    cluster.api.get<KubeList<Deployment>>('/apis/apps/v1/namespaces/kube-system/deployments?resourceVersion=0'),
  ])
  const machines = cluster.nodes.filter(isKubernetesNode).map(({ name }) => name)
  const found = [
    ...nodeAilments(machines, nodes.items, boots),
    ...podAilments(pods.items, boots),
    ...daemonSetAilments(daemonSets.items),
    ...deploymentAilments(deployments.items, pods.items, boots),
  ]
  // Where it is a pod, its health is that of the pod. Each member is asked on its machine, which costs far more than the
  // API: only once nothing else is wrong.
  if (found.length > 0 || cluster.etcd === null || cluster.etcd.unit === null) return found
  return etcdAilments(cluster)
}

export function nodeAilments(machines: readonly string[], nodes: readonly Node[], boots: BootTimes): Ailments {
  return machines.flatMap((machine) => {
    const node = nodes.find(({ metadata }) => metadata.name === machine)
    if (node === undefined) return [`machine ${machine} is no Node`]
    const { ready, reported } = statusSinceBoot(node, boots)
    if (!reported) return [`node ${machine} has not reported since it was started`]
    return ready ? [] : [`node ${machine} is not Ready`]
  })
}

export function podAilments(pods: readonly Pod[], boots: BootTimes): Ailments {
  return pods
    .filter((pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && !serving(pod, boots))
    .map((pod) => `pod ${describePod(pod)}`)
}

export function daemonSetAilments(daemonSets: readonly DaemonSet[]): Ailments {
  return daemonSets.flatMap(({ metadata, status }) =>
    status === undefined ||
    status.observedGeneration !== metadata.generation ||
    status.numberReady < status.desiredNumberScheduled
      ? [`DaemonSet ${metadata.name} has ${status?.numberReady ?? 0} of ${status?.desiredNumberScheduled ?? 0} Ready`]
      : [],
  )
}

/**
 * Deployments that lack a pod, by the pods that there are: what a Deployment says of itself is what its controller knew
 * last, and one that has just come back has not seen yet that they are gone.
 */
export function deploymentAilments(
  deployments: readonly Deployment[],
  pods: readonly Pod[],
  boots: BootTimes,
): Ailments {
  return deployments.flatMap(({ metadata, spec }) => {
    const wanted = spec?.replicas ?? 1
    const labels = Object.entries(spec?.selector.matchLabels ?? {})
    const own = pods.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value))
    const ready = own.filter((pod) => serving(pod, boots)).length
    return ready < wanted ? [`Deployment ${metadata.name} has ${ready} of ${wanted} Ready`] : []
  })
}
