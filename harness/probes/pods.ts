import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import type { Labels } from '../kube/network-policy.ts'
import type { DaemonSet, Pod } from '../kube/types.ts'

type ApiOf = Pick<StartedCluster, 'api'>

/** The pods of a node that a DaemonSet owns, of all namespaces. */
export async function daemonSetPods({ api }: ApiOf, node: string): Promise<Pod[]> {
  const path = `/api/v1/pods?fieldSelector=spec.nodeName=${encodeURIComponent(node)}`
  const { items } = await api.get<KubeList<Pod>>(path)
  return items.filter((pod) => pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet'))
}

/** The pods of all namespaces that ended in failure and are still there. */
export async function failedPods({ api }: ApiOf): Promise<Pod[]> {
  return (await api.get<KubeList<Pod>>('/api/v1/pods?fieldSelector=status.phase=Failed')).items
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

/** A label selector as the API takes it: `app=web,tier=front`. */
export function selectorOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
}
