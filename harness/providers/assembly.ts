import { budget } from '../budgets/budget.ts'
import type {
  Capability,
  ClusterConstants,
  Distribution,
  EngineNetwork,
  EtcdLayout,
  StartedCluster,
} from '../cluster.ts'
import { egressClosed } from '../egress.ts'
import { eventually } from '../eventually.ts'
import { MissingCapability } from '../faults/fault.ts'
import { waitContext } from '../faults/wait-context.ts'
import { MissingImage, provide } from '../images/provide.ts'
import { imageNamed, type ImageRequest, nodeImage } from '../images/request.ts'
import type { KubeApi } from '../kube/api.ts'
import type { BootTimes } from '../nodes/engine-events.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { NodeImages } from '../nodes/node-images.ts'
import { requirePrivate, requireUnshown } from '../private-files.ts'
import { requireLoopback } from './loopback.ts'
import { ailments } from '../probes/health.ts'
import type { Run } from '../run.ts'
import type { ClusterDefinition } from '../topology.ts'
import type { ProviderContext } from './provider.ts'

/** What a provider has once the machines run and the API answers. */
export interface Assembly {
  readonly name: string
  readonly definition: ClusterDefinition
  readonly context: ProviderContext
  readonly distribution: Pick<Distribution, 'name' | 'version'>
  readonly api: KubeApi
  /** Path of the kubeconfig that `api` was made of. */
  readonly kubeconfig: string
  /** The machines; a provider that can join and remove some changes this list. */
  readonly nodes: readonly ClusterNode[]
  readonly boots: BootTimes
  readonly capabilities: ReadonlySet<Capability>
  readonly constants: ClusterConstants
  readonly etcd: EtcdLayout | null
  readonly network: EngineNetwork | null
  readonly images: Pick<NodeImages, 'load'>
  /** Left out: the machines have their names from the start. */
  readonly metadata?: StartedCluster['metadata']
  readonly readyAfterMs: number
  /** Both or neither: without them the cluster's machines are for life. */
  readonly membership?: Pick<StartedCluster, 'join' | 'leave'>
  /** Removes everything that was made; what is kept is kept by the caller. */
  remove(): Promise<void>
}

/**
 * The cluster as scenarios see it.
 * @throws {UserError} where others can read the kubeconfig that was made for it, or reach what its machines publish
 */
export async function startedCluster(assembly: Assembly): Promise<StartedCluster> {
  const { context, membership, remove, distribution, images, ...parts } = assembly
  // Who brings a cluster of their own keeps its kubeconfig where they like, but for what is uploaded and shown around.
  if (parts.definition.provider === 'existing') {
    requireUnshown(parts.kubeconfig, context.run, 'Keep it elsewhere, or write the output elsewhere with --out DIR.')
  } else {
    requirePrivate(parts.kubeconfig, context.run)
    await requireLoopback(context.run)
  }
  const { gitVersion } = await parts.api.get<{ gitVersion: string }>('/version')
  const refuse = () => Promise.reject(new MissingCapability(`machines can neither join ${parts.name} nor leave it`))
  return {
    ...parts,
    distribution: { ...distribution, kubernetes: gitVersion },
    journal: context.journal,
    host: context.host,
    faults: [],
    metadata: parts.metadata ?? null,
    join: membership === undefined ? refuse : (...asked) => joinClosed(membership, context.run, ...asked),
    leave: membership?.leave ?? refuse,
    loadImage: (image) => orMissing(images.load(image)),
    [Symbol.asyncDispose]: async () => {
      if (!context.run.keep) await remove()
    },
  }
}

/** @throws {UserError} where others than this machine can reach the one that has joined */
async function joinClosed(
  { join }: Pick<StartedCluster, 'join'>,
  run: ProviderContext['run'],
  ...asked: Parameters<StartedCluster['join']>
): Promise<ClusterNode> {
  const node = await join(...asked)
  await requireLoopback(run)
  return node
}

/** @throws {MissingCapability} in place of `MissingImage`: nothing failed, and a scenario that needs it is skipped */
async function orMissing<T>(image: Promise<T>): Promise<T> {
  try {
    return await image
  } catch (cause) {
    if (!(cause instanceof MissingImage)) throw cause
    throw new MissingCapability(cause.message, { cause })
  }
}

/** A new cluster's control plane, and what is on it, comes up. */
export const controlPlaneUp = budget({
  name: 'kubeadm wait-control-plane',
  ms: 240_000,
  source: 'kubeadm ClusterConfiguration timeouts.controlPlaneComponentHealthCheck 4m',
})

/** Waits until nothing ails the cluster. @throws {ExpectationFailed} with what still does */
export async function awaitHealthy(
  cluster: Pick<StartedCluster, 'name' | 'api' | 'nodes' | 'boots' | 'etcd' | 'journal'>,
): Promise<void> {
  await eventually(waitContext(cluster), `${cluster.name} is healthy`, {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within: controlPlaneUp,
    describe: (found) => found.join('; ') || 'healthy',
  })
}

/**
 * @param isClosed how to tell on this provider's machines
 * @throws where a node's egress is open although its definition does not ask for that
 */
export async function requireClosed(
  nodes: readonly ClusterNode[],
  isClosed: (node: ClusterNode) => Promise<boolean> = egressClosed,
): Promise<void> {
  const closed = await Promise.all(nodes.map((node) => isClosed(node)))
  const open = nodes.filter((_, index) => closed[index] !== true).map(({ name }) => name)
  if (open.length > 0) throw new Error(`egress is not closed on ${open.join(', ')}: its rules are not in force there`)
}

/**
 * The machines' image by its name in the engine; the journal says which way it came.
 * @param published the image that belongs to a Kubernetes minor, where the definition names none
 */
export async function nodeImageReference(
  definition: ClusterDefinition,
  { run: { offline }, journal }: Pick<ProviderContext, 'run' | 'journal'>,
  published: (minor: string) => ImageRequest = nodeImage,
): Promise<string> {
  const request =
    definition.nodeImage === undefined ? published(definition.kubernetes) : imageNamed(definition.nodeImage)
  const { reference, from, missed } = await provide(request, offline ? { offline } : {})
  journal.append('cluster', 'image', reference, { from, missed })
  return reference
}

let made = 0

/** Unique on the host: two runs may use the same definition at the same time, and one run may use it again. */
export function clusterName(definition: ClusterDefinition, { id }: Pick<Run, 'id'>): string {
  made += 1
  return `${definition.name}-${id.slice(-4)}-${process.pid.toString(36)}${made}`
}

/** What machines with an init of their own can do, by the constants that they run with. */
export function machineCapabilities({ shutdownGracePeriodMs }: ClusterConstants): Capability[] {
  const graceful = shutdownGracePeriodMs > 0 ? (['graceful-shutdown'] as const) : []
  return ['reboot', 'power', 'static-pods', 'node-access', ...graceful]
}

/** What clusters whose machines are containers can do by the network that they are on. */
export function networkCapabilities({ network }: ClusterDefinition): Capability[] {
  return ['containers', ...(network.policy === 'none' ? [] : (['network-policy'] as const))]
}

/** Where kubeadm puts what it takes to speak to etcd, on stacked control planes and on nodes of etcd alone. */
export function kubeadmEtcdLayout(unit: string | null): EtcdLayout {
  const pki = '/etc/kubernetes/pki/etcd'
  return {
    ca: `${pki}/ca.crt`,
    certificate: `${pki}/healthcheck-client.crt`,
    key: `${pki}/healthcheck-client.key`,
    dataDirectory: '/var/lib/etcd',
    unit,
  }
}
