import { budget } from '../../budgets/budget.ts'
import type { EtcdLayout, JoinOptions, StartedCluster } from '../../cluster.ts'
import { removeObjects } from '../../engine-objects.ts'
import { messageOf } from '../../error-message.ts'
import { eventually } from '../../eventually.ts'
import { judgedContext } from '../../faults/wait-context.ts'
import type { MetadataServer } from '../../identity/metadata-server.ts'
import type { KubeApi, KubeList } from '../../kube/api.ts'
import type { Pod } from '../../kube/types.ts'
import { ContainerNode } from '../../nodes/container-node.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { NodeImages } from '../../nodes/node-images.ts'
import { drain } from '../../remedies/drain.ts'
import { etcdOnly, isKubernetesNode, type NodeDefinition } from '../../topology.ts'
import { UserError } from '../../user-error.ts'
import type { ProviderContext } from '../provider.ts'
import { awaitMember, type BootedMachine, joinMachine, type RunningMachine, showEtcd, startMember } from './bring-up.ts'
import { type Authority, giveClientCertificate, equipMember, shareCertificates } from './certificates.ts'
import { addLearner, promoteLearner, removeMember } from './etcd-members.ts'
import { etcdCertificateConfiguration } from './kubeadm-config.ts'
import { updateLoadBalancer } from './load-balancer.ts'
import { awaitBooted, createMachine } from './machines.ts'
import { type ClusterPlan, hasRole, planMachine } from './plan.ts'

/** A cluster that runs, as those see it who change what it consists of. */
export interface RunningCluster {
  readonly plan: ClusterPlan
  readonly image: string
  readonly kubernetes: string
  readonly context: ProviderContext
  readonly api: KubeApi
  readonly etcd: EtcdLayout
  readonly metadata: MetadataServer | null
  readonly images: Pick<NodeImages, 'admit' | 'dismiss'>
  /** Null: etcd is on the control planes. */
  readonly authority: Authority | null
  readonly machines: RunningMachine[]
  /** What scenarios see: the same machines. */
  readonly nodes: ClusterNode[]
}

/** kubeadm is done once the kubelet has its certificate; the kubelet registers itself next. */
const registered = budget({
  name: 'kubelet registration',
  ms: 30_000,
  source: 'kubelet registerWithAPIServer: back-off 0.1 s to 7 s',
})

/** Adding machines to a cluster and taking them out. */
export class Membership implements Pick<StartedCluster, 'join' | 'leave'> {
  readonly #cluster: RunningCluster
  /** Addresses are never given out twice. */
  #made: number
  /** Names of machines that are on their way. */
  readonly #joining = new Set<string>()
  readonly #leaving = new Map<ClusterNode, Promise<void>>()

  constructor(cluster: RunningCluster) {
    this.#cluster = cluster
    this.#made = cluster.machines.length
    this.join = this.join.bind(this)
    this.leave = this.leave.bind(this)
  }

  async join(definition: NodeDefinition, options: JoinOptions = {}): Promise<ClusterNode> {
    const { plan, image, images, context, nodes, machines, metadata } = this.#cluster
    const machine = planMachine(plan.name, definition, plan.network, this.#made)
    if (this.#joining.has(machine.name) || nodes.some(({ name }) => name === machine.name)) {
      throw new UserError(`${plan.name} has a machine named ${definition.name} already`, {
        exitCode: 2,
        hint: 'Give the machine that joins another name, or let the one that there is leave first.',
      })
    }
    this.#made += 1
    this.#joining.add(machine.name)
    context.journal.append('cluster', 'joining', `node/${machine.name}`, { roles: definition.roles })
    const node = new ContainerNode(machine.name, definition.roles)
    try {
      await metadata?.register(machine.address, machine.name)
      await createMachine(plan, machine, image, context)
      const joining = { machine, node, hostname: await this.#booted(node) }
      await (etcdOnly(definition) ? this.#joinEtcd(joining) : this.#joinKubernetes(joining, options))
      machines.push(joining)
      nodes.push(joining.node)
      context.journal.append('cluster', 'joined', `node/${machine.name}`)
      return joining.node
    } catch (error) {
      context.journal.append('cluster', 'join-failed', `node/${machine.name}`, String(error))
      images.dismiss(node)
      // As far as it came: its member of a stacked etcd, and its Node.
      if (hasRole(machine, 'control-plane')) {
        await node.exec(['kubeadm', 'reset', '--force'], { timeoutMs: 120_000 }).catch(() => undefined)
      }
      if (isKubernetesNode(definition)) await this.#forget(machine.name).catch(() => undefined)
      await removeObjects({ containers: [machine.name], networks: [], volumes: [] })
      throw error
    } finally {
      this.#joining.delete(machine.name)
    }
  }

  /** @throws {Error} where the machine does not come up: that is no fault of the cluster that it was to join */
  async #booted(node: ClusterNode): Promise<string> {
    const { plan, context } = this.#cluster
    try {
      return await awaitBooted(node, plan, context)
    } catch (cause) {
      throw new Error(`${node.name} cannot join: ${messageOf(cause)}`, { cause })
    }
  }

  async #joinKubernetes(joining: BootedMachine, { token }: JoinOptions): Promise<void> {
    const { plan, kubernetes, authority, api, images, context } = this.#cluster
    // Pods of DaemonSets come to it as soon as it is a Node.
    await images.admit(joining.node)
    if (hasRole(joining.machine, 'control-plane')) {
      const first = this.#host('control-plane')
      await Promise.all([shareCertificates(first.node, joining.node), showEtcd(plan, first, api)])
      if (authority !== null) {
        const config = etcdCertificateConfiguration(joining.machine, joining.hostname, kubernetes)
        await giveClientCertificate(joining.node, authority, config)
      }
    }
    await joinMachine(plan, joining, token === undefined ? {} : { token })
    await eventually(judgedContext(context), `${joining.machine.name} is a Node`, {
      probe: () => api.get(`/api/v1/nodes/${joining.machine.name}`),
      until: () => true,
      within: registered,
      describe: () => 'it is',
    })
    if (hasRole(joining.machine, 'control-plane')) await this.#balance([...this.#cluster.machines, joining])
  }

  /** A learner first: it takes part in no vote until it has caught up. */
  async #joinEtcd(joining: BootedMachine): Promise<void> {
    const { plan, kubernetes, authority, etcd, context } = this.#cluster
    if (authority === null) {
      throw new UserError(`${joining.machine.name} cannot join: etcd runs on the control planes of ${plan.name}`, {
        exitCode: 2,
        hint: 'Let a control plane join: it brings a member with it.',
      })
    }
    const config = etcdCertificateConfiguration(joining.machine, joining.hostname, kubernetes)
    await equipMember(joining.node, authority, config)
    const via = this.#host('etcd')
    try {
      const { id, learner, others } = await addLearner(etcd, via.node, joining.machine.name)
      context.journal.append('cluster', 'added', `member/${id}`, { learner, machine: joining.machine.name })
      const own = { name: joining.hostname, host: joining.machine.name }
      await startMember(joining, { state: 'existing', token: plan.name, members: [...others, own] })
      await awaitMember(joining, context, { serializable: true })
      await promoteLearner(etcd, via.node, id, context)
      await awaitMember(joining, context)
    } catch (error) {
      // By its host: it may have been added although nobody heard of it.
      await removeMember(etcd, via.node, { host: joining.machine.name }).catch(() => undefined)
      throw error
    }
  }

  /** Takes a machine out; asked twice, it is done once. */
  leave(node: ClusterNode): Promise<void> {
    const going = this.#leaving.get(node) ?? this.#leave(node).finally(() => this.#leaving.delete(node))
    this.#leaving.set(node, going)
    return going
  }

  async #leave(node: ClusterNode): Promise<void> {
    const { context, api, machines, nodes, plan, etcd, images } = this.#cluster
    const leaving = machines.find((machine) => machine.node === node)
    if (leaving === undefined) throw new RangeError(`${node.name} is no machine of ${plan.name}`)
    if (node.name === plan.endpoint.name) {
      throw new UserError(`${node.name} cannot leave: it is where everything in ${plan.name} reaches the API`, {
        exitCode: 2,
        hint: 'A definition with several control planes has a load balancer in front of them; any of those can leave.',
      })
    }
    context.journal.append('cluster', 'leaving', `node/${node.name}`)
    if (isKubernetesNode(node)) {
      await drain({ ...context, api }, node)
      // It takes the member of a stacked control plane out of etcd.
      if (hasRole(leaving.machine, 'control-plane')) {
        await this.#balance(machines.filter((machine) => machine !== leaving))
        await node.exec(['kubeadm', 'reset', '--force'], { timeoutMs: 120_000 })
      }
    } else {
      const via = this.#host('etcd', leaving)
      await removeMember(etcd, via.node, { host: node.name })
    }
    await removeObjects({ containers: [node.name], networks: [], volumes: [] })
    if (isKubernetesNode(node)) await this.#forget(node.name)
    machines.splice(machines.indexOf(leaving), 1)
    nodes.splice(nodes.indexOf(node), 1)
    images.dismiss(node)
    context.journal.append('cluster', 'left', `node/${node.name}`)
  }

  /** Nothing of the machine is left in the API. Its pods would stay for a minute, until the pod garbage collector comes. */
  async #forget(name: string): Promise<void> {
    const { api } = this.#cluster
    await api.delete(`/api/v1/nodes/${name}`)
    const { items } = await api.get<KubeList<Pod>>(`/api/v1/pods?fieldSelector=spec.nodeName=${name}`)
    await Promise.all(
      items.map(({ metadata }) =>
        api.delete(`/api/v1/namespaces/${metadata.namespace ?? ''}/pods/${metadata.name}?gracePeriodSeconds=0`),
      ),
    )
  }

  async #balance(machines: readonly RunningMachine[]): Promise<void> {
    const { plan } = this.#cluster
    if (!plan.loadBalanced) return
    const controlPlanes = machines.map(({ machine }) => machine).filter((machine) => hasRole(machine, 'control-plane'))
    await updateLoadBalancer(plan, controlPlanes)
  }

  #host(role: 'control-plane' | 'etcd', not?: RunningMachine): RunningMachine {
    const found = this.#cluster.machines.find((machine) => machine !== not && hasRole(machine.machine, role))
    if (found === undefined) throw new RangeError(`${this.#cluster.plan.name} has no other machine with ${role}`)
    return found
  }
}
