import { rmSync } from 'node:fs'
import path from 'node:path'

import type { Capability, StartedCluster } from '../../cluster.ts'
import { parseDuration } from '../../duration.ts'
import { labelledObjects, removeObjects } from '../../engine-objects.ts'
import { startMetadataServer } from '../../identity/metadata-server.ts'
import { KubeApi } from '../../kube/api.ts'
import { readKubeconfig } from '../../kube/kubeconfig.ts'
import { observeApi } from '../../kube/observe.ts'
import { observeEtcd } from '../../kube/observe-etcd.ts'
import { ContainerNode } from '../../nodes/container-node.ts'
import { observeEngine } from '../../nodes/engine-events.ts'
import { loadMachines } from '../../nodes/machine-container.ts'
import { createMachineNetwork } from '../../nodes/machine-network.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { NodeImages } from '../../nodes/node-images.ts'
import { privateDirectory, writePrivate } from '../../private-files.ts'
import type { ClusterDefinition } from '../../topology.ts'
import {
  awaitHealthy,
  kubeadmEtcdLayout,
  machineCapabilities,
  networkCapabilities,
  requireClosed,
  startedCluster,
} from '../assembly.ts'
import { clusterConstants } from '../constants.ts'
import { freePort } from '../free-port.ts'
import { onLoopback } from '../kubeconfigs.ts'
import { policyAddOn } from '../policy-add-on.ts'
import type { ProviderContext } from '../provider.ts'
import { awaitApi } from './bring-up.ts'
import { kubeletConfiguration } from './kubeadm-config.ts'
import { Membership } from './membership.ts'
import { apiServerPort, type ClusterPlan, metadataAddress, planCluster } from './plan.ts'
import { Sequence } from './sequence.ts'

/** A cluster from its first machine to its last. */
export class KubeadmCluster {
  readonly #name: string
  readonly #definition: ClusterDefinition
  readonly #context: ProviderContext
  readonly #directory: string
  readonly #kubeconfig: string
  readonly #apiAnswers = Promise.withResolvers<void>()
  readonly #observers = new AbortController()
  readonly #nodes: ClusterNode[] = []
  #api: KubeApi | undefined
  #sequence: Sequence | undefined

  constructor(name: string, definition: ClusterDefinition, context: ProviderContext) {
    this.#name = name
    this.#definition = definition
    this.#context = context
    this.#directory = path.join(context.run.workDirectory, name)
    this.#kubeconfig = path.join(this.#directory, 'kubeconfig')
  }

  async create(image: string, token: string): Promise<StartedCluster> {
    const { run, journal, unhealthy } = this.#context
    privateDirectory(this.#directory)
    // It takes half a second of a processor, and is wanted as soon as there is a network.
    const starting = loadMachines()
    const images = new NodeImages({ name: this.#name, run, journal })
    const policy = await policyAddOn(this.#definition, images)
    const startedAt = journal.append('cluster', 'creating', this.#name, { provider: 'kubeadm', image }).t
    const [network] = await Promise.all([createMachineNetwork(run, this.#name), starting])
    const apiPort = this.#definition.network.apiPort ?? (await freePort())
    const plan = planCluster(this.#name, this.#definition, network, { apiPort, token })
    const boots = observeEngine(this.#name, this.#context, this.#observers.signal)
    const metadata = await this.#startMetadata(plan, image)
    const machines = plan.machines.map((machine) => ({
      machine,
      node: new ContainerNode(machine.name, machine.definition.roles),
    }))
    this.#nodes.push(...machines.map(({ node }) => node))
    const etcd = kubeadmEtcdLayout(plan.externalEtcd ? 'etcd' : null)
    const observed = { name: this.#name, nodes: this.#nodes, etcd }
    const observe = () => void observeEtcd(observed, journal, this.#observers.signal)
    // A name that is made up may be gone soon; otherwise machines that boot have better to do than to answer.
    if (metadata !== null) observe()
    const sequence = new Sequence({
      plan,
      image,
      machines,
      images,
      context: this.#context,
      ended: this.#observers.signal,
      reached: (text) => this.#reach(plan, text),
      addOns: async (api) => policy?.apply(api, { host: plan.endpoint.name, port: apiServerPort }),
    })
    this.#sequence = sequence
    const broughtUp = sequence.run()
    await (unhealthy === 'tolerated' ? this.#apiAnswersDuring(broughtUp) : broughtUp)
    if (metadata === null) observe()
    const constants = clusterConstants(this.#definition, kubeletConfiguration(this.#definition))
    const api = this.#requireApi()
    const membership = new Membership({
      plan,
      image,
      kubernetes: sequence.kubernetes,
      context: this.#context,
      api,
      etcd,
      metadata,
      images,
      authority: sequence.authority,
      machines,
      nodes: this.#nodes,
    })
    if (unhealthy !== 'tolerated')
      await awaitHealthy({ name: this.#name, api, nodes: this.#nodes, boots, etcd, journal })
    if (this.#definition.network.egress === 'closed') await requireClosed(this.#nodes)
    const readyAfterMs = journal.append('cluster', 'ready', this.#name).t - startedAt
    return startedCluster({
      name: this.#name,
      definition: this.#definition,
      context: this.#context,
      distribution: { name: 'kubeadm', version: sequence.kubernetes },
      nodes: this.#nodes,
      boots,
      api,
      etcd,
      kubeconfig: this.#kubeconfig,
      metadata,
      network: { name: network.name, subnet: network.subnet },
      images,
      constants,
      capabilities: new Set<Capability>([
        ...machineCapabilities(constants),
        'etcd-access',
        'join',
        ...networkCapabilities(this.#definition),
        ...(plan.externalEtcd ? (['etcd-nodes'] as const) : []),
      ]),
      readyAfterMs,
      membership,
      remove: () => this.remove(),
    })
  }

  /** The rest of the work goes on; what fails of it shows in the journal, and in what the scenario finds. */
  async #apiAnswersDuring(broughtUp: Promise<void>): Promise<void> {
    broughtUp.catch(
      (error: unknown) => void this.#context.journal.append('cluster', 'failed', this.#name, String(error)),
    )
    await Promise.race([this.#apiAnswers.promise, broughtUp])
  }

  /** The emulation of a cloud's metadata service, where the machines have their names from one. */
  async #startMetadata({ definition: { identity }, machines, network }: ClusterPlan, image: string) {
    if (identity.boot === 'static') return null
    return startMetadataServer({
      run: this.#context.run,
      name: `${this.#name}-metadata`,
      image,
      network: network.name,
      address: metadataAddress(network),
      hostnames: new Map(machines.map(({ address, name }) => [address, name])),
      behaviour: { kind: 'late', afterMs: parseDuration(identity.metadataAfter) },
    })
  }

  #requireApi(): KubeApi {
    if (this.#api === undefined) throw new Error(`the API of ${this.#name} was never reached`)
    return this.#api
  }

  /** Waits for the API that this kubeconfig leads to, and begins to watch it. */
  async #reach(plan: ClusterPlan, kubeconfig: string): Promise<KubeApi> {
    const { journal } = this.#context
    this.#observers.signal.throwIfAborted()
    writePrivate(this.#kubeconfig, onLoopback(kubeconfig, plan.apiPort))
    const api = new KubeApi(readKubeconfig(this.#kubeconfig))
    this.#api = api
    await awaitApi(api, this.#name, this.#context)
    journal.append('cluster', 'api', this.#name)
    void observeApi(api, journal, this.#observers.signal)
    this.#apiAnswers.resolve()
    return api
  }

  async remove(): Promise<void> {
    const { journal, run } = this.#context
    journal.append('cluster', 'removing', this.#name)
    this.#observers.abort()
    this.#api?.[Symbol.dispose]()
    // A machine that is being made now would be there only after the rest is gone.
    await this.#sequence?.settled()
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
