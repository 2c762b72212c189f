import type { MachineNetwork } from '../../nodes/machine-network.ts'
import { type ClusterDefinition, etcdOnly, type NodeDefinition } from '../../topology.ts'
import { supervisorPort } from './paths.ts'

/** A machine that is to be, or is: a container, a host and a Node of the same name. */
export interface Machine {
  readonly name: string
  readonly address: string
  readonly roles: NodeDefinition['roles']
  /** Whether a member of the embedded etcd runs on it. */
  readonly member: boolean
}

/** What everything about a cluster follows from. */
export interface ClusterPlan {
  readonly name: string
  readonly definition: ClusterDefinition
  readonly network: MachineNetwork
  /** In the order of the definition. */
  readonly machines: readonly Machine[]
  /** The server that the others join. */
  readonly first: Machine
  /** Where the API is: the only control plane, or the load balancer in front of several. */
  readonly endpoint: Pick<Machine, 'name' | 'address'>
  readonly loadBalanced: boolean
  /** Port of the API on the host's loopback. */
  readonly apiPort: number
  /** What servers and agents join with. */
  readonly token: string
}

/** The first address is the load balancer's; machines follow. */
const reserved = { loadBalancer: 0, machines: 1 }

export function planCluster(
  name: string,
  definition: ClusterDefinition,
  network: MachineNetwork,
  { apiPort, token }: Pick<ClusterPlan, 'apiPort' | 'token'>,
): ClusterPlan {
  const machines = definition.nodes.map((node, index) => planMachine(name, definition, node, network, index))
  const controlPlanes = machines.filter(hasApiServer)
  const [only] = controlPlanes
  const first = machines.find(({ member }) => member) ?? only
  if (first === undefined || only === undefined) throw new RangeError(`${definition.name} has no control plane`)
  const loadBalanced = controlPlanes.length > 1
  const balancer = { name: `${name}-load-balancer`, address: network.address(reserved.loadBalancer) }
  const endpoint = loadBalanced ? balancer : only
  return { name, definition, network, machines, first, endpoint, loadBalanced, apiPort, token }
}

/** The machine with that number in the cluster, counted from 0 and never used again. */
export function planMachine(
  cluster: string,
  definition: ClusterDefinition,
  node: NodeDefinition,
  network: MachineNetwork,
  index: number,
): Machine {
  return {
    name: `${cluster}-${node.name}`,
    address: network.address(reserved.machines + index),
    roles: node.roles,
    member: embeddedEtcd(definition) && isMember(definition, node),
  }
}

/** Where k3s has more than one server, or is asked for etcd by name; else its datastore is SQLite. */
export function embeddedEtcd({ nodes }: Pick<ClusterDefinition, 'nodes'>): boolean {
  return nodes.filter(isServer).length > 1 || nodes.some(({ roles }) => roles.includes('etcd'))
}

/** The rule of `etcdNodes` in topology.ts, also for a machine that joins later. */
function isMember({ nodes }: Pick<ClusterDefinition, 'nodes'>, node: NodeDefinition): boolean {
  return node.roles.includes(nodes.some(etcdOnly) ? 'etcd' : 'control-plane')
}

type WithRoles = Pick<NodeDefinition, 'roles'>

/** A machine that runs `k3s server`: with the control plane, with etcd, or with both. */
export function isServer({ roles }: WithRoles): boolean {
  return roles.includes('control-plane') || roles.includes('etcd')
}

export function hasApiServer({ roles }: WithRoles): boolean {
  return roles.includes('control-plane')
}

/** What a machine joins a server at. */
export function joinUrl({ address }: Pick<Machine, 'address'>): string {
  return `https://${address}:${supervisorPort}`
}
