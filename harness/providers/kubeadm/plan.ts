import type { MachineNetwork } from '../../nodes/machine-network.ts'
import { type ClusterDefinition, etcdNodes, etcdOnly, type NodeDefinition } from '../../topology.ts'

/** A machine that is to be, or is. */
export interface Machine {
  /** Of the container and, in the end, of the host. */
  readonly name: string
  readonly address: string
  readonly definition: NodeDefinition
}

/** What everything about a cluster follows from. */
export interface ClusterPlan {
  readonly name: string
  readonly definition: ClusterDefinition
  readonly network: MachineNetwork
  /** Where machines reach the API: the only control plane, or the load balancer in front of several. */
  readonly endpoint: Pick<Machine, 'name' | 'address'>
  /** Port of the API on the host's loopback. */
  readonly apiPort: number
  readonly token: string
  /** Whether etcd is on machines of its own. */
  readonly externalEtcd: boolean
  readonly loadBalanced: boolean
  readonly machines: readonly Machine[]
  /** Those that are made with the cluster: members of its etcd from the beginning. */
  readonly etcd: readonly Machine[]
}

export const apiServerPort = 6443

/** The first address is the load balancer's, the second the metadata service's; machines follow. */
const reserved = { loadBalancer: 0, metadata: 1, machines: 2 }

export function planCluster(
  name: string,
  definition: ClusterDefinition,
  network: MachineNetwork,
  { apiPort, token }: { readonly apiPort: number; readonly token: string },
): ClusterPlan {
  const machines = definition.nodes.map((node, index) => planMachine(name, node, network, index))
  const controlPlanes = machines.filter((machine) => hasRole(machine, 'control-plane'))
  const [first] = controlPlanes
  if (first === undefined) throw new RangeError(`${definition.name} has no control plane`)
  const loadBalanced = controlPlanes.length > 1
  return {
    name,
    definition,
    network,
    endpoint: loadBalanced ? { name: `${name}-load-balancer`, address: network.address(reserved.loadBalancer) } : first,
    apiPort,
    token,
    externalEtcd: definition.nodes.some(etcdOnly),
    loadBalanced,
    machines,
    etcd: etcdNodes(definition.nodes.map((node, index) => ({ roles: node.roles, index }))).flatMap(
      ({ index }) => machines[index] ?? [],
    ),
  }
}

/** The machine with that number in the cluster, counted from 0 and never used again. */
export function planMachine(
  cluster: string,
  definition: NodeDefinition,
  network: MachineNetwork,
  index: number,
): Machine {
  return {
    name: `${cluster}-${definition.name}`,
    address: network.address(reserved.machines + index),
    definition,
  }
}

export function metadataAddress(network: MachineNetwork): string {
  return network.address(reserved.metadata)
}

export function hasRole({ definition }: Pick<Machine, 'definition'>, role: NodeDefinition['roles'][number]): boolean {
  return definition.roles.includes(role)
}
