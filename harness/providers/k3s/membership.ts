import { budget } from '../../budgets/budget.ts'
import type { JoinOptions, StartedCluster } from '../../cluster.ts'
import { removeObjects } from '../../engine-objects.ts'
import { eventually } from '../../eventually.ts'
import { MissingCapability } from '../../faults/fault.ts'
import { waitContext } from '../../faults/wait-context.ts'
import { type KubeApi, KubeApiError } from '../../kube/api.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { NodeImages } from '../../nodes/node-images.ts'
import { run } from '../../process.ts'
import { drain } from '../../remedies/drain.ts'
import type { NodeDefinition } from '../../topology.ts'
import { UserError } from '../../user-error.ts'
import { requireClosed } from '../assembly.ts'
import type { ProviderContext } from '../provider.ts'
import { awaitJoined, nodeOf, type RunningMachine, switchOn } from './bring-up.ts'
import { egressClosed } from './egress.ts'
import { admit } from './images.ts'
import { updateLoadBalancer } from './load-balancer.ts'
import { type ClusterPlan, embeddedEtcd, hasApiServer, isServer, type Machine, planMachine } from './plan.ts'

/** A cluster that runs, as those see it who change what it consists of. */
export interface RunningCluster {
  readonly plan: ClusterPlan
  readonly image: string
  readonly images: NodeImages
  readonly context: ProviderContext
  readonly api: KubeApi
  readonly machines: RunningMachine[]
  /** What scenarios see: the same machines. */
  readonly nodes: ClusterNode[]
}

/** Deleting the Node of a server takes its member out of etcd first. */
const nodeRemoved = budget({
  name: 'removal of the member',
  ms: 60_000,
  source: 'k3s-io/k3s pkg/etcd/etcd.go: memberRemovalTimeout 1 min',
})

/** Adding machines to a cluster and taking them out. */
export class Membership implements Pick<StartedCluster, 'join' | 'leave'> {
  readonly #cluster: RunningCluster
  /** Addresses are never given out twice. */
  #made: number

  constructor(cluster: RunningCluster) {
    this.#cluster = cluster
    this.#made = cluster.machines.length
    this.join = this.join.bind(this)
    this.leave = this.leave.bind(this)
  }

  async join(definition: NodeDefinition, { token }: JoinOptions = {}): Promise<ClusterNode> {
    const { plan, image, images, context, api, machines, nodes } = this.#cluster
    const machine = planMachine(plan.name, plan.definition, definition, plan.network, this.#made)
    checkJoin(plan, machine, nodes)
    this.#made += 1
    context.journal.append('cluster', 'joining', `node/${machine.name}`, { roles: machine.roles })
    const joining = { machine, node: nodeOf(machine) }
    try {
      await switchOn(token === undefined ? plan : { ...plan, token }, machine, this.#server(), image, context)
      await admit(images, joining.node, context)
      await awaitJoined(api, plan, machine, context)
      if (plan.definition.network.egress === 'closed') await requireClosed([joining.node], egressClosed)
    } catch (error) {
      context.journal.append('cluster', 'join-failed', `node/${machine.name}`, String(error))
      images.dismiss(joining.node)
      await removeObjects({ containers: [machine.name], networks: [], volumes: [] })
      throw error
    }
    machines.push(joining)
    nodes.push(joining.node)
    await this.#balance()
    context.journal.append('cluster', 'joined', `node/${machine.name}`)
    return joining.node
  }

  async leave(node: ClusterNode): Promise<void> {
    const { plan, context, api, images, machines, nodes } = this.#cluster
    const leaving = machines.find((machine) => machine.node === node)
    if (leaving === undefined) throw new RangeError(`${node.name} is no machine of ${plan.name}`)
    if (node.name === plan.endpoint.name) {
      throw new MissingCapability(`${node.name} cannot leave: the API of ${plan.name} is reached through it alone`)
    }
    context.journal.append('cluster', 'leaving', `node/${node.name}`)
    await drain({ ...context, api }, node)
    machines.splice(machines.indexOf(leaving), 1)
    nodes.splice(nodes.indexOf(node), 1)
    images.dismiss(node)
    await this.#balance()
    // A server ends once it is no member any more; started again it would join anew.
    await run('docker', ['update', '--restart', 'no', node.name])
    await api.delete(`/api/v1/nodes/${node.name}`)
    await eventually(waitContext(context), `${node.name} is no Node any more`, {
      probe: () => nodeExists(api, node.name),
      until: (exists) => !exists,
      within: nodeRemoved,
    })
    await removeObjects({ containers: [node.name], networks: [], volumes: [] })
    context.journal.append('cluster', 'left', `node/${node.name}`)
  }

  async #balance(): Promise<void> {
    const { plan, machines } = this.#cluster
    if (!plan.loadBalanced) return
    await updateLoadBalancer(
      plan,
      machines.map(({ machine }) => machine),
    )
  }

  /** A server that can be joined: the first one, unless it has left. */
  #server(): Machine {
    const { plan, machines } = this.#cluster
    const servers = machines.map(({ machine }) => machine).filter(isServer)
    const server = servers.find(({ name }) => name === plan.first.name) ?? servers[0]
    if (server === undefined) throw new RangeError(`${plan.name} has no server`)
    return server
  }
}

/**
 * @throws {MissingCapability} where the datastore allows one server only
 * @throws {UserError} where the name is taken
 */
export function checkJoin(
  { name, definition }: Pick<ClusterPlan, 'name' | 'definition'>,
  machine: Machine,
  nodes: readonly Pick<ClusterNode, 'name'>[],
): void {
  if (isServer(machine) && !embeddedEtcd(definition)) {
    throw new MissingCapability(`${name} has one server for life: its datastore is SQLite`)
  }
  if (isServer(machine) && !machine.member && !hasApiServer(machine)) {
    throw new MissingCapability(`${name} has etcd on its control planes and on no other machines`)
  }
  if (!nodes.some((node) => node.name === machine.name)) return
  throw new UserError(`${name} has a machine named ${machine.name} already`, {
    exitCode: 2,
    hint: 'Give the machine that joins another name, or let the one that there is leave first.',
  })
}

async function nodeExists(api: KubeApi, name: string): Promise<boolean> {
  try {
    await api.get(`/api/v1/nodes/${name}`)
    return true
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return false
    throw error
  }
}
