import type { StartedCluster } from '../cluster.ts'
import { conditionTrue, type Node, readyCondition } from '../kube/types.ts'
import type { BootTimes } from '../nodes/engine-events.ts'
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

/** The node's status since its last boot. */
export async function nodeStatus(
  { api, boots }: Pick<StartedCluster, 'api' | 'boots'>,
  { name }: Pick<ClusterNode, 'name'>,
): Promise<NodeStatus> {
  return statusSinceBoot(await api.get<Node>(`/api/v1/nodes/${name}`), boots)
}

/**
 * A quick reboot may be over before anybody marked the node NotReady, so that Ready alone says nothing: the kubelet's
 * heartbeat must be younger than the machine's start.
 */
export function statusSinceBoot(node: Node, boots: BootTimes): NodeStatus {
  const ready = readyCondition(node)
  return {
    ready: ready?.status === 'True',
    reported: sinceBoot(ready?.lastHeartbeatTime, boots.get(node.metadata.name)),
  }
}

/** Whether a time from the API, in whole seconds, is from the boot that began at `bootedAt`; never while it is off. */
export function sinceBoot(time: unknown, bootedAt: number | undefined): boolean {
  if (bootedAt === undefined) return false
  return Date.parse(String(time)) >= Math.floor(bootedAt / 1_000) * 1_000
}

/** When the node began to be Ready, or not, as the API has it; undefined: it has said neither. */
export function readySince(node: Node): unknown {
  return readyCondition(node)?.lastTransitionTime
}

export function readyAgain({ ready, reported }: NodeStatus): boolean {
  return ready && reported
}
