import type { FaultResult } from './verdict.ts'
import type { HostMonitor } from './host-monitor.ts'
import type { MetadataServer } from './identity/metadata-server.ts'
import type { Journal } from './journal.ts'
import type { KubeApi } from './kube/api.ts'
import type { ImageRequest } from './images/request.ts'
import type { BootTimes } from './nodes/engine-events.ts'
import type { ClusterNode } from './nodes/node.ts'
import type { ClusterDefinition, NodeDefinition, Role } from './topology.ts'

/** What a cluster can do; a scenario names what it needs and is skipped where it is missing. */
export const capabilities = [
  /** A node can reboot itself and comes back. */
  'reboot',
  /** Nodes can be switched off and on from outside. */
  'power',
  'static-pods',
  'graceful-shutdown',
  /** Commands can be run on every node. */
  'node-access',
  /** Members of etcd can be asked, each on its own. */
  'etcd-access',
  /** There are nodes that run etcd alone, as a systemd unit. */
  'etcd-nodes',
  /** Machines can be added and removed. */
  'join',
  /** Containers can be added to the cluster's own network. */
  'containers',
  /** Something enforces NetworkPolicy. */
  'network-policy',
  /** Machines serve their images to each other without any add-on. */
  'embedded-registry',
] as const
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
  /** The machines that it has now; `join` and `leave` change them. */
  readonly nodes: readonly ClusterNode[]
  /** How members of etcd are reached; null: nobody can ask them. */
  readonly etcd: EtcdLayout | null
  /** The emulated metadata service that machines ask for their names; null: they have them from the start. */
  readonly metadata: MetadataServer | null
  /**
   * Starts one more machine and returns once it is part of the cluster: it is a Node, or a voting member of etcd.
   * @throws {MissingCapability} without the capability `join`
   */
  join(node: NodeDefinition, options?: JoinOptions): Promise<ClusterNode>
  /** Takes a machine out of the cluster in order, and removes it. */
  leave(node: ClusterNode): Promise<void>
  /** The engine's network that its machines are on; null: there is none that a container could be added to. */
  readonly network: EngineNetwork | null
  /**
   * Gives an image to every machine with a kubelet, and to those that join later before their kubelet does.
   * @returns the name that pods call it by: `docker.io/library/busybox:latest`
   * @throws {MissingCapability} where no way leads to the image
   */
  loadImage(image: ImageRequest): Promise<string>
  /** When each machine was last started; what the API says from before that is history. */
  readonly boots: BootTimes
  readonly api: KubeApi
  /** Path of the kubeconfig that reaches it from this machine, as its administrator. */
  readonly kubeconfig: string
  readonly journal: Journal
  readonly host: HostMonitor
  /** The faults so far, oldest first; `healedAt` is filled in later. */
  readonly faults: FaultResult[]
  readonly constants: ClusterConstants
  /** How long building it took until every node and all of kube-system were Ready, in milliseconds. */
  readonly readyAfterMs: number
}

/** A network of the container engine. */
export interface EngineNetwork {
  readonly name: string
  /** Its IPv4 range: `172.18.0.0/16`. */
  readonly subnet: string
}

/** Where a distribution keeps what it takes to speak to a member, the same on every node that has one. */
export interface EtcdLayout {
  /** Client certificate, its key, and the authority of the servers: paths on the node. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
  readonly dataDirectory: string
  /** Name of the systemd unit; null: it runs as a static pod or within another process. */
  readonly unit: string | null
}

export interface JoinOptions {
  /** Bootstrap token to join with; left out: the provider makes one. */
  readonly token?: string
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
