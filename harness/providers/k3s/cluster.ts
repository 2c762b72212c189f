import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import path from 'node:path'

import type { Capability, EtcdLayout, StartedCluster } from '../../cluster.ts'
import { labelledObjects, removeObjects } from '../../engine-objects.ts'
import { KubeApi } from '../../kube/api.ts'
import { readKubeconfig } from '../../kube/kubeconfig.ts'
import { observeApi } from '../../kube/observe.ts'
import { observeEngine } from '../../nodes/engine-events.ts'
import { createMachineNetwork } from '../../nodes/machine-network.ts'
import { NodeImages } from '../../nodes/node-images.ts'
import { memberHealth } from '../../probes/etcd.ts'
import { privateDirectory, writePrivate } from '../../private-files.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { awaitHealthy, networkCapabilities, requireClosed, startedCluster } from '../assembly.ts'
import { clusterConstants } from '../constants.ts'
import { onLoopback } from '../kubeconfigs.ts'
import { freePort } from '../free-port.ts'
import type { ProviderContext } from '../provider.ts'
import {
  awaitApi,
  awaitJoined,
  awaitSupervisor,
  k3sVersion,
  nodeOf,
  readAdminKubeconfig,
  type RunningMachine,
  switchOn,
} from './bring-up.ts'
import { egressClosed } from './egress.ts'
import { admit, packPodImages } from './images.ts'
import { startLoadBalancer } from './load-balancer.ts'
import { Membership } from './membership.ts'
import { k3sEtcdLayout } from './paths.ts'
import { type ClusterPlan, hasApiServer, planCluster } from './plan.ts'

/** A cluster from its first machine to its last. */
export class K3sCluster {
  readonly #name: string
  readonly #definition: ClusterDefinition
  readonly #context: ProviderContext
  readonly #directory: string
  readonly #kubeconfig: string
  readonly #observers = new AbortController()
  #api: KubeApi | undefined

  constructor(name: string, definition: ClusterDefinition, context: ProviderContext) {
    this.#name = name
    this.#definition = definition
    this.#context = context
    this.#directory = path.join(context.run.workDirectory, name)
    this.#kubeconfig = path.join(this.#directory, 'kubeconfig')
  }

  async create(image: string): Promise<StartedCluster> {
    const { run, journal, unhealthy } = this.#context
    const definition = this.#definition
    const name = this.#name
    privateDirectory(this.#directory)
    const startedAt = journal.append('cluster', 'creating', name, { provider: 'k3s', image }).t
    const network = await createMachineNetwork(run, name)
    const plan = planCluster(name, definition, network, {
      apiPort: definition.network.apiPort ?? (await freePort()),
      token: randomBytes(16).toString('hex'),
    })
    const boots = observeEngine(name, this.#context, this.#observers.signal)
    const machines = plan.machines.map((machine): RunningMachine => ({ machine, node: nodeOf(machine) }))
    const nodes = machines.map(({ node }) => node)

    await this.#switchOn(plan, image)
    const api = await this.#reachApi(plan)
    const images = new NodeImages({ name, run, journal })
    await this.#bringImages(images, api, machines)
    if (unhealthy !== 'tolerated') {
      await Promise.all(plan.machines.map((machine) => awaitJoined(api, plan, machine, this.#context)))
      await awaitHealthy({ name, api, nodes, boots, etcd: null, journal })
    }
    if (definition.network.egress === 'closed') await requireClosed(nodes, egressClosed)
    const etcd = await this.#askableEtcd(machines)
    const readyAfterMs = journal.append('cluster', 'ready', name).t - startedAt
    return startedCluster({
      name,
      definition,
      context: this.#context,
      distribution: { name: 'k3s', version: await k3sVersion(nodeOf(plan.first)) },
      api,
      kubeconfig: this.#kubeconfig,
      nodes,
      boots,
      etcd,
      // Kubernetes' defaults are k3s' too. Without an init there is no graceful shutdown, whatever the kubelet is told.
      constants: clusterConstants(definition, {}),
      capabilities: new Set<Capability>([
        'power',
        'node-access',
        'join',
        ...networkCapabilities(definition),
        ...(etcd ? (['etcd-access'] as const) : []),
        ...(definition.k3s.embeddedRegistry ? (['embedded-registry'] as const) : []),
      ]),
      network: { name: network.name, subnet: network.subnet },
      images,
      readyAfterMs,
      membership: new Membership({ plan, image, images, context: this.#context, api, machines, nodes }),
      remove: () => this.remove(),
    })
  }

  /** The first server, and once it can be joined all others at once: members of etcd wait for each other themselves. */
  async #switchOn(plan: ClusterPlan, image: string): Promise<void> {
    const { first, machines } = plan
    const start = switchOn(plan, first, null, image, this.#context)
    await Promise.all([start, plan.loadBalanced && startLoadBalancer(plan, this.#context)])
    await awaitSupervisor(first, this.#context)
    this.#context.journal.append('cluster', 'first-server', `node/${first.name}`)
    const others = machines.filter((machine) => machine !== first)
    await Promise.all(others.map((machine) => switchOn(plan, machine, first, image, this.#context)))
  }

  /** Waits for the API and begins to watch it. */
  async #reachApi(plan: ClusterPlan): Promise<KubeApi> {
    const { journal } = this.#context
    const server = plan.machines.find(hasApiServer)
    if (server === undefined) throw new RangeError(`${this.#name} has no control plane`)
    const node = nodeOf(server)
    const kubeconfig = await readAdminKubeconfig(node, this.#context)
    writePrivate(this.#kubeconfig, onLoopback(kubeconfig, plan.apiPort))
    const api = new KubeApi(readKubeconfig(this.#kubeconfig))
    this.#api = api
    await awaitApi(api, node, this.#context)
    journal.append('cluster', 'api', this.#name)
    void observeApi(api, journal, this.#observers.signal)
    return api
  }

  /** What machines with closed egress cannot pull: they are given it. */
  async #bringImages(images: NodeImages, api: KubeApi, machines: readonly RunningMachine[]): Promise<void> {
    const closed = this.#definition.network.egress === 'closed'
    if (closed) await packPodImages(images, api, this.#context)
    await Promise.all(machines.map(({ node }) => admit(images, node, this.#context)))
    if (closed) this.#context.journal.append('cluster', 'images-brought', this.#name)
  }

  /** Null: there is no etcd, or a member's machine has nothing to ask it with. */
  async #askableEtcd(machines: readonly RunningMachine[]): Promise<EtcdLayout | null> {
    const members = machines.filter(({ machine }) => machine.member)
    if (members.length === 0) return null
    const answers = await Promise.all(members.map(({ node }) => memberHealth({ etcd: k3sEtcdLayout }, node)))
    if (answers.every(({ healthy }) => healthy)) return k3sEtcdLayout
    this.#context.journal.append('cluster', 'etcd-not-asked', this.#name, answers)
    return null
  }

  async remove(): Promise<void> {
    const { journal, run } = this.#context
    journal.append('cluster', 'removing', this.#name)
    this.#observers.abort()
    this.#api?.[Symbol.dispose]()
    const { containers } = await labelledObjects(run.id)
    await removeObjects({
      containers: containers.filter((container) => container.startsWith(`${this.#name}-`)),
      networks: [this.#name],
      volumes: [],
    })
    rmSync(this.#directory, { recursive: true, force: true })
    journal.append('cluster', 'removed', this.#name)
  }
}
