import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import type { KubeApi } from '../../kube/api.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { NodeImages } from '../../nodes/node-images.ts'
import { isKubernetesNode } from '../../topology.ts'
import type { ProviderContext } from '../provider.ts'
import {
  applyPodNetwork,
  type BootedMachine,
  distributeEtcdCertificates,
  joinMachine,
  type RunningMachine,
  showEtcd,
  startEtcd,
} from './bring-up.ts'
import { type Authority, shareCertificates } from './certificates.ts'
import { deployDns, finishControlPlane, prepareControlPlane, startControlPlane } from './control-plane.ts'
import { discoveryKubeconfig } from '../kubeconfigs.ts'
import { startLoadBalancer } from './load-balancer.ts'
import { awaitBooted, createMachine } from './machines.ts'
import { type ClusterPlan, hasRole } from './plan.ts'

export interface SequenceOptions {
  readonly plan: ClusterPlan
  readonly image: string
  readonly machines: readonly RunningMachine[]
  readonly images: NodeImages
  readonly context: ProviderContext
  /** Told of the administrator's kubeconfig as soon as there is one; resolves once the API answers. */
  readonly reached: (kubeconfig: string) => Promise<KubeApi>
  /** Aborts once the cluster is given up. */
  readonly ended: AbortSignal
  /** Applies what the definition asks for beyond kubeadm's own; called once every machine has its images. */
  readonly addOns: (api: KubeApi) => Promise<void>
}

/** A cluster whose first control plane takes requests. */
interface Beginning {
  readonly first: RunningMachine
  readonly others: readonly RunningMachine[]
  readonly workers: readonly RunningMachine[]
  readonly kubeconfig: string
  /** Resolves once every machine has been started. */
  readonly switchedOn: Promise<void>
  /** Resolves once kubeadm is done with the first control plane. */
  readonly finished: Promise<void>
}

/** kubeadm's own limits for what comes after the control plane: each phase waits for the Node as long. */
const joinable = budget(
  { name: 'kubeadm upload-config', ms: 60_000, source: 'kubeadm timeouts.kubernetesAPICall 1m' },
  { name: 'kubeadm mark-control-plane', ms: 60_000, source: 'kubeadm timeouts.kubernetesAPICall 1m' },
)

/**
 * Brings a cluster up, with as little in series as kubeadm allows: what everything waits for comes first, machines of etcd
 * and the first control plane. All others boot once its API server answers, and join before kubeadm is done with it.
 */
export class Sequence {
  readonly #options: SequenceOptions
  readonly #creations: Promise<void>[] = []
  readonly #boots = new Map<RunningMachine, Promise<BootedMachine>>()
  readonly #admissions: Promise<void>[] = []
  /** Kubernetes' version, as the image has it; empty until the first machine runs. */
  kubernetes = ''
  /** Of an external etcd; null where there is none. */
  authority: Authority | null = null

  constructor(options: SequenceOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    const { plan, machines } = this.#options
    const controlPlanes = machines.filter(({ machine }) => hasRole(machine, 'control-plane'))
    const members = machines.filter(({ machine }) => plan.externalEtcd && plan.etcd.includes(machine))
    const workers = machines.filter((machine) => !controlPlanes.includes(machine) && !members.includes(machine))
    const [first, ...others] = controlPlanes
    if (first === undefined) throw new RangeError(`${plan.name} has no control plane`)

    // Those that an external etcd makes certificates for; all others have better to do than to compete with the first.
    const early = plan.externalEtcd ? controlPlanes : [first]
    const late = [...others.filter((machine) => !early.includes(machine)), ...workers]
    await Promise.all([this.#switchOn([...members, ...early]), this.#balance(controlPlanes)])
    const etcd = plan.externalEtcd ? this.#startEtcd(members, controlPlanes) : Promise.resolve()
    const [kubeconfig] = await Promise.all([this.#start(first), etcd])
    const switchedOn = this.#switchOn(late)
    const finished = finishControlPlane(plan, first)
    // Awaited below; until then a failure must not end the process.
    for (const work of [switchedOn, finished]) work.catch(() => undefined)
    await Promise.race([
      this.#joinWhilePossible({ first, others, workers, kubeconfig, switchedOn, finished }),
      failureOf(finished),
    ])
    await finished
    this.#note('joined')
  }

  /** Brings the first control plane to the point at which its API server takes requests, and returns its kubeconfig. */
  async #start(first: RunningMachine): Promise<string> {
    const { plan } = this.#options
    const { hostname } = await this.#named(first)
    const { kubernetes, kubeconfig } = await prepareControlPlane(plan, first, hostname)
    this.kubernetes = kubernetes
    this.#note('prepared')
    await this.#booted(first)
    await startControlPlane(plan, first)
    this.#note('serving')
    return kubeconfig
  }

  /** Resolves once no machine is being made any more, whatever came of it. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#creations)
  }

  async #startEtcd(members: readonly RunningMachine[], controlPlanes: readonly RunningMachine[]): Promise<void> {
    const { plan, context } = this.#options
    const [etcd, clients] = await Promise.all(
      [members, controlPlanes].map((hosts) => Promise.all(hosts.map((host) => this.#named(host)))),
    )
    const kubernetes = (await members[0]?.node.exec(['cat', '/kind/version']))?.stdout.trim() ?? ''
    this.authority = await distributeEtcdCertificates(plan, etcd ?? [], clients ?? [], kubernetes)
    this.#note('certificates')
    await startEtcd(plan, await Promise.all(members.map((member) => this.#booted(member))), context)
    this.#note('etcd')
  }

  /** Everything that needs no more than an API that answers, while kubeadm goes on with the first control plane. */
  async #joinWhilePossible({ first, others, workers, kubeconfig, switchedOn, finished }: Beginning): Promise<void> {
    const { plan, context, reached, ended } = this.#options
    const discovery = discoveryKubeconfig(kubeconfig)
    const api = await reached(kubeconfig)
    await Promise.all([
      applyPodNetwork(api, first.node),
      finished.then(() => this.#note('initialised')),
      deployDns(plan, first, api, context, ended),
      this.#joinWorkers(workers, discovery, api, switchedOn),
      Promise.all([finished, switchedOn]).then(() => this.#joinControlPlanes(first, others, discovery, api)),
      switchedOn.then(() => this.#applyAddOns(api)),
    ])
  }

  /** A kubelet that looks for an image too soon looks again ten seconds later: every machine has them first. */
  async #applyAddOns(api: KubeApi): Promise<void> {
    await Promise.all(this.#options.machines.map((machine) => this.#booted(machine)))
    await Promise.all(this.#admissions)
    await this.#options.addOns(api)
  }

  /** One after the other: etcd takes one new member at a time. All at once was no faster on two processors. */
  async #joinControlPlanes(
    first: RunningMachine,
    others: readonly RunningMachine[],
    discovery: string,
    api: KubeApi,
  ): Promise<void> {
    if (others.length === 0) return
    await showEtcd(this.#options.plan, first, api)
    const ready = others.map(async (other) => {
      const [booted] = await Promise.all([this.#booted(other), shareCertificates(first.node, other.node)])
      return booted
    })
    for (const booted of await Promise.all(ready)) await joinMachine(this.#options.plan, booted, { discovery })
  }

  async #joinWorkers(
    workers: readonly RunningMachine[],
    discovery: string,
    api: KubeApi,
    switchedOn: Promise<void>,
  ): Promise<void> {
    await Promise.all([this.#awaitJoinable(api), switchedOn])
    await Promise.all(
      workers.map(async (worker) => joinMachine(this.#options.plan, await this.#booted(worker), { discovery })),
    )
  }

  /** What `kubeadm join` reads is there: it is the last thing that `kubeadm init` writes before the add-ons. */
  async #awaitJoinable(api: KubeApi): Promise<void> {
    await eventually(waitContext(this.#options.context), `${this.#options.plan.name} takes machines`, {
      probe: (signal) => api.get('/api/v1/namespaces/kube-public/configmaps/cluster-info', { signal }),
      until: () => true,
      within: joinable,
      describe: () => 'it does',
    })
  }

  async #balance(controlPlanes: readonly RunningMachine[]): Promise<void> {
    const { plan, image, context } = this.#options
    if (!plan.loadBalanced) return
    const machines = controlPlanes.map(({ machine }) => machine)
    await startLoadBalancer(plan, machines, image, context)
  }

  async #switchOn(machines: readonly RunningMachine[]): Promise<void> {
    const { plan, image, context } = this.#options
    await Promise.all(
      machines.map(async (running) => {
        const creation = createMachine(plan, running.machine, image, context)
        this.#creations.push(creation)
        await creation
        // Awaited where it is needed; until then a failure must not end the process.
        this.#booted(running).catch(() => undefined)
      }),
    )
  }

  /** The machine once it has booted, and the name that it came to. */
  #booted(running: RunningMachine): Promise<BootedMachine> {
    const known = this.#boots.get(running)
    if (known !== undefined) return known
    const boot = this.#boot(running)
    this.#boots.set(running, boot)
    return boot
  }

  async #boot(running: RunningMachine): Promise<BootedMachine> {
    const { plan, context } = this.#options
    const hostname = await awaitBooted(running.node, plan, context)
    context.journal.append('cluster', 'booted', `node/${running.machine.name}`, { hostname })
    if (isKubernetesNode(running.node)) this.#admit(running.node)
    return { ...running, hostname }
  }

  /** Gives it its images beside what kubeadm does on it meanwhile. */
  #admit(node: ClusterNode): void {
    const admission = this.#options.images.admit(node)
    // Awaited before the add-ons; until then a failure must not end the process.
    admission.catch(() => undefined)
    this.#admissions.push(admission)
  }

  /** A machine with the name that its certificates are made for: known beforehand, or only once it has booted. */
  async #named(running: RunningMachine): Promise<BootedMachine> {
    const { boot } = this.#options.plan.definition.identity
    return boot === 'static' ? { ...running, hostname: running.machine.name } : this.#booted(running)
  }

  #note(kind: string): void {
    this.#options.context.journal.append('cluster', kind, this.#options.plan.name)
  }
}

/** Never resolves; rejects when the work does. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject)
  })
}
