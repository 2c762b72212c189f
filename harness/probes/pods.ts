import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import type { DaemonSet, Node, Pod } from '../kube/types.ts'
import { conditionTrue } from '../kube/types.ts'

type ApiOf = Pick<StartedCluster, 'api'>

/** The pods of a node that a DaemonSet owns, of all namespaces. */
export async function daemonSetPods({ api }: ApiOf, node: string): Promise<Pod[]> {
  const path = `/api/v1/pods?fieldSelector=spec.nodeName=${encodeURIComponent(node)}`
  const { items } = await api.get<KubeList<Pod>>(path)
  return items.filter((pod) => pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'))
}

/** The DaemonSets that must have a pod on every node of this cluster. */
export async function daemonSets({ api }: ApiOf): Promise<DaemonSet[]> {
  return (await api.get<KubeList<DaemonSet>>('/apis/apps/v1/daemonsets')).items
}

/** A label selector's pods in a namespace. */
export async function labelledPods({ api }: ApiOf, namespace: string, selector: string): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`
  return (await api.get<KubeList<Pod>>(path)).items
}

export async function nodeReady({ api }: ApiOf, node: string): Promise<boolean> {
  return conditionTrue(await api.get<Node>(`/api/v1/nodes/${node}`), 'Ready')
}
