import type { StartedCluster } from '../cluster.ts'
import { describePod } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { daemonSetPods, daemonSets } from './pods.ts'
import { serving } from './serving.ts'

/** The DaemonSet pods of a node, and how many it must have. */
export interface NodeDaemonSetState {
  readonly wanted: readonly string[]
  readonly ready: readonly string[]
  readonly pods: readonly string[]
}

/**
 * What DaemonSet pods the node has and which it lacks. Every DaemonSet that wants any pod wants one on a worker; one
 * that its controller has not looked at yet may.
 */
export async function nodeDaemonSetState(cluster: StartedCluster, node: ClusterNode): Promise<NodeDaemonSetState> {
  const [sets, pods] = await Promise.all([daemonSets(cluster), daemonSetPods(cluster, node.name)])
  const ready = pods
    .filter((pod) => serving(pod, cluster.boots))
    .flatMap(({ metadata }) => metadata.ownerReferences?.map(({ name }) => name) ?? [])
  return {
    wanted: sets
      .filter(
        ({ metadata, status }) =>
          status?.observedGeneration !== metadata.generation || status?.desiredNumberScheduled !== 0,
      )
      .map(({ metadata }) => metadata.name),
    ready,
    pods: pods.map(describePod),
  }
}

export function complete({ wanted, ready, pods }: NodeDaemonSetState): boolean {
  return wanted.length > 0 && wanted.every((name) => ready.includes(name)) && pods.length === wanted.length
}

export function describeState({ wanted, ready, pods }: NodeDaemonSetState): string {
  return `${ready.length} of ${wanted.length} DaemonSets Ready on it: ${pods.join(', ') || 'no pod'}`
}
