import type { FaultResult } from './verdict.ts'
import type { HostMonitor } from './host-monitor.ts'
import type { Journal } from './journal.ts'
import type { KubeApi } from './kube/api.ts'
import type { BootTimes } from './nodes/engine-events.ts'
import type { ClusterNode } from './nodes/node.ts'
import type { ClusterDefinition, Role } from './topology.ts'

/** What a cluster can do; a scenario names what it needs and is skipped where it is missing. */
export const capabilities = ['reboot', 'power', 'static-pods', 'graceful-shutdown'] as const
export type Capability = (typeof capabilities)[number]

export interface Distribution {
  readonly name: string
  /** Version of the distribution itself. */
  readonly version: string
  /** Version of Kubernetes in it: `v1.34.4`. */
  readonly kubernetes: string
}

/** A cluster that runs, with everything that scenarios need of it. Disposing of it removes it. */
export interface StartedCluster extends AsyncDisposable {
  readonly name: string
  readonly definition: ClusterDefinition
  readonly distribution: Distribution
  readonly capabilities: ReadonlySet<Capability>
  readonly nodes: readonly ClusterNode[]
  /** When each machine was last started; what the API says from before that is history. */
  readonly boots: BootTimes
  readonly api: KubeApi
  readonly journal: Journal
  readonly host: HostMonitor
  /** The faults so far, oldest first; `healedAt` is filled in later. */
  readonly faults: FaultResult[]
  readonly constants: ClusterConstants
  /** How long building it took until every node and all of kube-system were Ready, in milliseconds. */
  readonly readyAfterMs: number
}

/** Upstream constants as this cluster's definition sets them, in milliseconds. */
export interface ClusterConstants {
  /** kube-controller-manager --node-monitor-grace-period: 50 s since Kubernetes 1.32. */
  readonly nodeMonitorGracePeriodMs: number
  /** KubeletConfiguration shutdownGracePeriod; 0: no graceful shutdown. */
  readonly shutdownGracePeriodMs: number
}

export interface NodeQuery {
  readonly role?: Role
  readonly not?: ClusterNode
}

/** The first node that fits. @throws {RangeError} where none does */
export function findNode(cluster: Pick<StartedCluster, 'nodes' | 'name'>, query: NodeQuery): ClusterNode {
  const found = findNodes(cluster, query)[0]
  if (found === undefined) throw new RangeError(`${cluster.name} has no node with ${JSON.stringify(query.role)}`)
  return found
}

export function findNodes(cluster: Pick<StartedCluster, 'nodes'>, { role, not }: NodeQuery): ClusterNode[] {
  return cluster.nodes.filter((node) => node !== not && (role === undefined || node.roles.includes(role)))
}
