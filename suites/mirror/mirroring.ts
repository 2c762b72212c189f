import { k3sEmbeddedMirror } from '../../harness/add-ons/k3s-embedded-mirror.ts'
import type { Mirror } from '../../harness/add-ons/mirror.ts'
import { installPullThroughCache } from '../../harness/add-ons/pull-through-cache.ts'
import { installSpegel } from '../../harness/add-ons/spegel.ts'
import { type Budget, budget, extend, type Term } from '../../harness/budgets/budget.ts'
import { podStartup } from '../../harness/budgets/constants.ts'
import { imagePulled, instanceReady, peerFound, readinessLost } from '../../harness/budgets/mirror.ts'
import { findNodes, type StartedCluster } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'
import { registryBlackhole } from '../../harness/faults/registry-blackhole.ts'
import type { SpegelVersion } from '../../harness/images/subjects.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { askMirror, mirrorFacts, type MirrorQuestion } from '../../harness/probes/mirror-facts.ts'
import { describeInstances, type MirrorInstance, mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import { pull, pulledFrom } from '../../harness/probes/pull.ts'
import { configureRegistry } from '../../harness/registry/hosts-config.ts'
import { imageReference, type MadeImage, makeImage } from '../../harness/registry/image.ts'
import { type Registry, startRegistry } from '../../harness/registry/registry.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { isKubernetesNode } from '../../harness/topology.ts'

const mebibyte = 2 ** 20

/** What is put before the upstream for a scenario, and taken away after it. */
export type InstallMirror = (cluster: StartedCluster, upstream: Registry) => Promise<Mirror & AsyncDisposable>

export const spegel =
  (version: SpegelVersion, values: Readonly<Record<string, unknown>> = {}): InstallMirror =>
  (cluster, upstream) =>
    installSpegel(cluster, version, { registries: [`http://${upstream.host}`], values })

export const pullThrough: InstallMirror = installPullThroughCache

/** It is there from the cluster's start to its end. */
export const embedded: InstallMirror = () =>
  Promise.resolve({ ...k3sEmbeddedMirror, [Symbol.asyncDispose]: () => Promise.resolve() })

/** A cluster with a real upstream and a mirror before it, as a scenario works with them. */
export interface Mirroring {
  readonly context: ScenarioContext
  readonly cluster: StartedCluster
  readonly upstream: Registry
  readonly mirror: Mirror
}

/** Starts the upstream, installs the mirror, and hands both over once every instance is Ready and has its peers. */
export async function withMirror(
  context: ScenarioContext,
  install: InstallMirror,
  body: (mirroring: Mirroring) => Promise<void>,
): Promise<void> {
  const { cluster } = context
  await using upstream = await startRegistry(cluster)
  await Promise.all(kubernetesNodes(cluster).map((node) => configureRegistry(node, upstream.host)))
  await using mirror = await install(cluster, upstream)
  const mirroring = { context, cluster, upstream, mirror }
  await context.given(`${mirror.name} is Ready on every node, each with its peers`, {
    probe: () => mirrorInstances(cluster, mirror),
    until: (instances) => connected(mirroring, instances),
    within: startUp(mirror),
    describe: describeInstances,
  })
  await body(mirroring)
}

export function kubernetesNodes(cluster: StartedCluster): ClusterNode[] {
  return findNodes(cluster, {}).filter(isKubernetesNode)
}

/** Two workers, and the control plane. @throws {RangeError} where there are fewer */
export function workers(cluster: StartedCluster): [ClusterNode, ClusterNode, ClusterNode] {
  const [first, second] = findNodes(cluster, { role: 'worker' })
  const [controlPlane] = findNodes(cluster, { role: 'control-plane' })
  if (first === undefined || second === undefined || controlPlane === undefined) {
    throw new RangeError(`${cluster.name} has fewer than two workers`)
  }
  return [first, second, controlPlane]
}

let made = 0

/**
 * An image that nobody has, of two layers, in the upstream. What it is made of depends on its name and on how many were
 * made before it: a machine that has had a scenario's images has none of the next one's.
 */
export async function newImage(
  { upstream }: Pick<Mirroring, 'upstream'>,
  name: string,
  mebibytes = 8,
): Promise<MadeImage> {
  made += 1
  const seed = `${name}-${made}`
  const layers = [{ bytes: mebibyte }, { bytes: (mebibytes - 1) * mebibyte }]
  const image = await makeImage({ repository: `clusterproof/${seed}`, tag: 'v1', layers, seed })
  await upstream.push(image)
  return image
}

function startUp({ electorate }: Mirror): Budget {
  return electorate === null ? budget(podStartup) : instanceReady(electorate.startup)
}

/** Every machine has a Ready instance, and each of several has a peer; one that serves nobody alone has to run. */
export function connected({ cluster, mirror }: Mirroring, instances: readonly MirrorInstance[]): boolean {
  if (mirror.electorate === null) return true
  const machines = kubernetesNodes(cluster).length
  return (
    instances.length === machines &&
    instances.every(({ ready, peers, startedAt }) =>
      machines === 1 ? ready || (!mirror.servesAlone && startedAt !== null) : ready && peers.length > 0,
    )
  )
}

/** The instances find each other within libp2p's own period, whatever they were through before. */
export async function findsPeers(mirroring: Mirroring, since: number, within = peerFound): Promise<void> {
  const { context, cluster, mirror } = mirroring
  if (mirror.electorate === null) return
  const found = await context.eventuallyOrViolate(`every instance of ${mirror.name} is Ready and has a peer`, {
    probe: () => mirrorInstances(cluster, mirror),
    until: (instances) => connected(mirroring, instances),
    within,
    since,
    describe: describeInstances,
    diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror)),
  })
  if (found !== null) context.measure('peers found after', cluster.journal.now() - since, 'ms')
}

export function questionOf({ upstream }: Mirroring, node: ClusterNode, image: MadeImage): MirrorQuestion {
  return { node, registry: upstream.host, repository: image.repository, reference: image.tag }
}

export interface Search {
  /** In which the mirror finds the image; default: with the next bootstrap. */
  readonly within?: Budget
  /** What both the search and the pull may take longer for than they commonly do. */
  readonly besides?: readonly Term[]
  /** Milliseconds of the run's clock. */
  readonly since: number
}

/** The node's mirror finds an image that a neighbour has, within that budget. */
export async function finds(
  mirroring: Mirroring,
  node: ClusterNode,
  image: MadeImage,
  { within = peerFound, besides = [], since }: Search,
): Promise<boolean> {
  const { context, cluster, mirror } = mirroring
  if (mirror.endpoint === null) return true
  const question = questionOf(mirroring, node, image)
  const found = await context.eventuallyOrViolate(`the mirror of ${node.name} finds ${image.repository}`, {
    probe: () => askMirror(mirror, question),
    until: ({ status }) => status === 200,
    within: extend(within, ...besides),
    since,
    describe: ({ status, detail }) => `${status} ${detail}`,
    diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror, question)),
  })
  if (found === null) return false
  context.measure(`${image.repository} found by ${node.name} after`, cluster.journal.now() - since, 'ms')
  return true
}

/**
 * The node's mirror finds the image; then the node's container runtime pulls it from there, the only place that it can
 * have it from: the upstream is black-holed for it meanwhile.
 */
export async function pullsFromNeighbour(
  mirroring: Mirroring,
  node: ClusterNode,
  image: MadeImage,
  search: Search,
): Promise<boolean> {
  const { cluster, upstream } = mirroring
  await using _ = await registryBlackhole(cluster, [node], upstream.address)
  return (
    (await finds(mirroring, node, image, search)) && (await pulls(mirroring, node, image, 'mirror', search.besides))
  )
}

/** A pull that cannot go on is given up after this long; the next one finds what it got. */
const attemptMs = 15_000

/**
 * The node's container runtime pulls the image in time, asked again and again as the kubelet does, and by the upstream's
 * count all of it came from where it should.
 */
export async function pulls(
  mirroring: Mirroring,
  node: ClusterNode,
  image: MadeImage,
  from: 'mirror' | 'upstream',
  besides: readonly Term[] = [],
): Promise<boolean> {
  const { context, cluster, mirror, upstream } = mirroring
  const { eventuallyOrViolate, verify, measure } = context
  const { repository } = image
  const since = cluster.journal.append('traffic', 'pulling', `node/${node.name}`, { repository }).t
  let attempts = 0
  const pulled = await eventuallyOrViolate(`${node.name} pulls ${repository}`, {
    probe: () => {
      attempts += 1
      return pull(node, imageReference(upstream.host, image), { withinMs: attemptMs })
    },
    lookMs: attemptMs * 2,
    until: ({ ok }) => ok,
    within: extend(imagePulled(image.size, mirror), ...besides),
    describe: ({ ok, error }) => (ok ? 'pulled' : error),
    diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror, questionOf(mirroring, node, image))),
  })
  const { source, upstreamBytes } = await pulledFrom(upstream, since, image)
  const outcome = { ok: pulled !== null, bytes: image.size, tookMs: pulled?.tookMs ?? null }
  const data = { repository, attempts, source, upstreamBytes, ...outcome }
  cluster.journal.append('traffic', 'pulled', `node/${node.name}`, data)
  if (pulled === null) return false
  measure(`pull of ${repository} by ${node.name}`, pulled.tookMs, 'ms')
  if (attempts > 1) measure(`attempts to pull ${repository} by ${node.name}`, attempts, '')
  verify(`${repository} comes from the ${from}`, source === from, () =>
    diagnosis(
      from === 'mirror' ? 'mirror.upstream-asked' : 'mirror.no-fallback',
      `${node.name} pulled ${repository} from the ${source}: ${upstreamBytes} of ${image.size} bytes were the upstream's`,
    ),
  )
  return true
}

/** The node gets the image from the upstream, and its neighbours can know of it. */
export async function obtains(mirroring: Mirroring, node: ClusterNode, image: MadeImage): Promise<void> {
  await pulls(mirroring, node, image, 'upstream')
  await announced(mirroring, node)
}

/** What the node has got is known to its own instance of the mirror. */
export async function announced(mirroring: Mirroring, node: ClusterNode): Promise<void> {
  const { context, cluster, mirror } = mirroring
  const since = cluster.journal.now()
  if (!(await mirror.announce(node))) return
  context.measure(`instances started anew for containerd 1's lack of content events`, 1, '')
  await findsPeers(mirroring, since)
}

/** An instance that was there before never ceases to be Ready, by the API's own record of its pod. */
export function neverUnready({ context, cluster, mirror }: Mirroring, pods: readonly string[], since: number): void {
  const lost = cluster.journal.records(since).filter(({ source, subject, data }) => {
    if (source !== 'api-watch' || !pods.some((pod) => subject.endsWith(`/${pod}`))) return false
    return typeof data === 'object' && data !== null && 'ready' in data && data.ready === false
  })
  // It has come about while its readiness probe failed.
  const during = lost.map(({ t }) => ({ since: t - readinessLost.ms, ms: readinessLost.ms }))
  const unexcused = during.find(({ since: from, ms }) => cluster.host.slowness(from, from + ms) === null)
  context.verify(
    `the instances of ${mirror.name} that were there before stay Ready`,
    lost.length === 0,
    () =>
      diagnosis(
        'mirror.disturbed',
        lost.map(({ kind, subject, at }) => `${subject} ${kind} not Ready at ${at}`).join('; '),
      ),
    unexcused ?? during[0],
  )
}
