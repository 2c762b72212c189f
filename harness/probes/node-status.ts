import type { StartedCluster } from '../cluster.ts'
import { conditionTrue, type Node } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** What the API says of a machine. */
export interface NodeStatus {
  readonly ready: boolean
  /** Whether the kubelet of the machine's present boot has reported; before that, `ready` is the last boot's. */
  readonly reported: boolean
}

/** Whether the API calls the node Ready, whichever boot that is from. */
export async function nodeReady({ api }: Pick<StartedCluster, 'api'>, name: string): Promise<boolean> {
  return conditionTrue(await api.get<Node>(`/api/v1/nodes/${name}`), 'Ready')
}

/**
 * The node's status since its last boot. A quick reboot may be over before anybody marked the node NotReady, so that
 * Ready alone says nothing; the kubelet's heartbeat (whole seconds) must be younger than the machine's start.
 */
export async function nodeStatus({ api }: Pick<StartedCluster, 'api'>, machine: ClusterNode): Promise<NodeStatus> {
  const [{ startedAt, pid }, node] = await Promise.all([
    machine.bootEvidence(),
    api.get<Node>(`/api/v1/nodes/${machine.name}`),
  ])
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
  // JSON has a string where the library's type says Date.
  const heartbeat = Date.parse(String(ready?.lastHeartbeatTime))
  const started = Math.floor(Date.parse(startedAt) / 1_000) * 1_000
  return { ready: ready?.status === 'True', reported: pid !== 0 && heartbeat >= started }
}

export function readyAgain({ ready, reported }: NodeStatus): boolean {
  return ready && reported
}
