import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { parse, stringify } from 'yaml'

import type { Capability, StartedCluster } from '../../cluster.ts'
import { labelledObjects, removeObjects } from '../../engine-objects.ts'
import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import { parseDuration } from '../../duration.ts'
import { startMetadataServer } from '../../identity/metadata-server.ts'
import { KubeApi } from '../../kube/api.ts'
import { readKubeconfig } from '../../kube/kubeconfig.ts'
import { observeApi } from '../../kube/observe.ts'
import { observeEtcd } from '../../kube/observe-etcd.ts'
import { observeEngine } from '../../nodes/engine-events.ts'
import { createMachineNetwork } from '../../nodes/machine-network.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { awaitHealthy, kubeadmEtcdLayout, machineCapabilities, requireClosed, startedCluster } from '../assembly.ts'
import { clusterConstants } from '../constants.ts'
import type { ProviderContext } from '../provider.ts'
import { freePort } from './free-port.ts'
import {
  applyPodNetwork,
  awaitApi,
  distributeEtcdCertificates,
  initControlPlane,
  joinMachine,
  type BootedMachine,
  type RunningMachine,
  startEtcd,
} from './bring-up.ts'
import { type Authority, shareCertificates } from './certificates.ts'
import { kubeletConfiguration } from './kubeadm-config.ts'
import { startLoadBalancer } from './load-balancer.ts'
import { Membership } from './membership.ts'
import { awaitBooted, createMachine } from './machines.ts'
import { type ClusterPlan, hasRole, metadataAddress, planCluster } from './plan.ts'

/** kubeadm's first phases: certificates and kubeconfigs, a second or two of a processor. */
const kubeconfigWritten = budget({ name: 'kubeadm init phase kubeconfig', ms: 60_000, source: 'kubeadm timeouts' })

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
  #kubernetes = ''
  #authority: Authority | null = null

  constructor(name: string, definition: ClusterDefinition, context: ProviderContext) {
    this.#name = name
    this.#definition = definition
    this.#context = context
    this.#directory = path.join(context.run.workDirectory, name)
    this.#kubeconfig = path.join(this.#directory, 'kubeconfig')
  }

  async create(image: string, token: string): Promise<StartedCluster> {
    const { run, journal, unhealthy } = this.#context
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    const startedAt = journal.append('cluster', 'creating', this.#name, { provider: 'kubeadm', image }).t
    const network = await createMachineNetwork(run, this.#name)
    const apiPort = this.#definition.network.apiPort ?? (await freePort())
    const plan = planCluster(this.#name, this.#definition, network, { apiPort, token })
    const boots = observeEngine(run.id, this.#name, journal, this.#observers.signal)
    const metadata = await this.#startMetadata(plan, image)
    const machines = await this.#switchOn(plan, image)
    const etcd = kubeadmEtcdLayout(plan.externalEtcd ? 'etcd' : null)
    void observeEtcd({ name: this.#name, nodes: this.#nodes, etcd }, journal, this.#observers.signal)
    const broughtUp = this.#bringUp(plan, machines)
    await (unhealthy === 'tolerated' ? this.#apiAnswersDuring(broughtUp) : broughtUp)
    const constants = clusterConstants(this.#definition, kubeletConfiguration(this.#definition))
    const api = this.#requireApi()
    const membership = new Membership({
      plan,
      image,
      kubernetes: this.#kubernetes,
      context: this.#context,
      api,
      etcd,
      metadata,
      authority: this.#authority,
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
      distribution: { name: 'kubeadm', version: this.#kubernetes },
      nodes: this.#nodes,
      boots,
      api,
      etcd,
      kubeconfig: this.#kubeconfig,
      metadata,
      constants,
      capabilities: new Set<Capability>([
        ...machineCapabilities(constants),
        'etcd-access',
        'join',
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

  /** Starts every machine, all at once. */
  async #switchOn(plan: ClusterPlan, image: string): Promise<RunningMachine[]> {
    const controlPlanes = plan.machines.filter((machine) => hasRole(machine, 'control-plane'))
    const [machines] = await Promise.all([
      Promise.all(
        plan.machines.map(async (machine) => {
          const node = await createMachine(plan, machine, image, this.#context)
          return { machine, node }
        }),
      ),
      plan.loadBalanced && startLoadBalancer(plan, controlPlanes, image, this.#context),
    ])
    this.#nodes.push(...machines.map(({ node }) => node))
    return machines
  }

  async #bringUp(plan: ClusterPlan, machines: readonly RunningMachine[]): Promise<void> {
    const { journal } = this.#context
    const controlPlanes = machines.filter(({ machine }) => hasRole(machine, 'control-plane'))
    const members = machines.filter(({ machine }) => plan.externalEtcd && plan.etcd.includes(machine))
    const workers = machines.filter((machine) => !controlPlanes.includes(machine) && !members.includes(machine))
    const [first, ...others] = controlPlanes
    if (first === undefined) throw new RangeError(`${this.#name} has no control plane`)
    const boots = new Map(machines.map((machine) => [machine, this.#boot(plan, machine)]))
    const booted = (machine: RunningMachine) => boots.get(machine) ?? this.#boot(plan, machine)
    // Awaited where they are needed; until then a failure must not end the process.
    for (const boot of boots.values()) boot.catch(() => undefined)

    this.#kubernetes = (await first.node.exec(['cat', '/kind/version'])).stdout.trim()
    if (plan.externalEtcd) {
      const named = (machine: RunningMachine) => this.#named(plan, machine, booted)
      const [etcd, api] = await Promise.all([Promise.all(members.map(named)), Promise.all(controlPlanes.map(named))])
      this.#authority = await distributeEtcdCertificates(plan, etcd, api, this.#kubernetes)
      journal.append('cluster', 'certificates', this.#name)
      await startEtcd(plan, await Promise.all(members.map(booted)), this.#context)
      journal.append('cluster', 'etcd', this.#name)
    }
    const init = initControlPlane(plan, await booted(first), this.#kubernetes)
    init.catch(() => undefined)
    await Promise.race([this.#reachApi(plan, first.node), init])
    await Promise.all([applyPodNetwork(first.node), init])
    journal.append('cluster', 'initialised', this.#name)
    await Promise.all([
      this.#joinControlPlanes(plan, first, others, booted),
      ...workers.map(async (worker) => {
        await joinMachine(plan, await booted(worker))
      }),
    ])
    journal.append('cluster', 'joined', this.#name)
  }

  /** A machine with the name that its certificates are made for: known beforehand, or only once it has booted. */
  async #named(
    { definition }: ClusterPlan,
    machine: RunningMachine,
    booted: (machine: RunningMachine) => Promise<BootedMachine>,
  ): Promise<BootedMachine> {
    return definition.identity.boot === 'static' ? { ...machine, hostname: machine.machine.name } : booted(machine)
  }

  async #boot(plan: ClusterPlan, machine: RunningMachine): Promise<BootedMachine> {
    const hostname = await awaitBooted(machine.node, plan, this.#context)
    this.#context.journal.append('cluster', 'booted', `node/${machine.machine.name}`, { hostname })
    return { ...machine, hostname }
  }

  /** One after the other: etcd takes one new member at a time. */
  async #joinControlPlanes(
    plan: ClusterPlan,
    first: RunningMachine,
    others: readonly RunningMachine[],
    booted: (machine: RunningMachine) => Promise<BootedMachine>,
  ): Promise<void> {
    for (const other of others) {
      await shareCertificates(first.node, other.node)
      await joinMachine(plan, await booted(other))
    }
  }

  /** Waits for the API of the first control plane and begins to watch it. */
  async #reachApi(plan: ClusterPlan, node: ClusterNode): Promise<void> {
    const { journal } = this.#context
    const text = await eventually(waitContext({ journal }), `${node.name} has a kubeconfig`, {
      probe: async () => (await node.exec(['cat', '/etc/kubernetes/admin.conf'], { reject: false })).stdout,
      until: (content) => content !== '',
      within: kubeconfigWritten,
      describe: (content) => `${content.length} characters`,
    })
    writeFileSync(this.#kubeconfig, onLoopback(text, plan.apiPort), { mode: 0o600 })
    const api = new KubeApi(readKubeconfig(this.#kubeconfig))
    this.#api = api
    await awaitApi(api, this.#name, this.#context)
    journal.append('cluster', 'api', this.#name)
    void observeApi(api, journal, this.#observers.signal)
    this.#apiAnswers.resolve()
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

/** The kubeconfig with the API's address as this host has it. */
export function onLoopback(kubeconfig: string, port: number): string {
  const config = parse(kubeconfig) as { clusters: { cluster: { server: string } }[] }
  for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${port}`
  return stringify(config)
}
