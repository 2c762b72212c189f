import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** A pod with a network of its own, and the machine that it is on. */
export interface SendingPod {
  readonly name: string
  /** IPv4 address. */
  readonly ip: string
  readonly labels: Readonly<Record<string, string>>
  readonly node: ClusterNode
}

/**
 * The pods that packets can be sent from: with an address of their own, on a machine of the cluster, and not on their way
 * out. That a container of theirs waits to be started again does not matter: the pod's network is there.
 * @param where a path of the API that lists pods
 */
export async function sendingPods(
  { api, nodes }: Pick<StartedCluster, 'api' | 'nodes'>,
  where: string,
): Promise<SendingPod[]> {
  const { items } = await api.get<KubeList<Pod>>(where)
  return items.flatMap(({ metadata, spec, status }) => {
    const node = nodes.find(({ name }) => name === spec?.nodeName)
    const ip = status?.podIP
    const over = metadata.deletionTimestamp !== undefined || status?.phase !== 'Running'
    if (node === undefined || ip === undefined || over || spec?.hostNetwork === true) return []
    return [{ name: metadata.name, ip, labels: metadata.labels ?? {}, node }]
  })
}
