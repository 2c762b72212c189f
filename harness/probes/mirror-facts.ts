import type { Electorate } from '../add-ons/electorate.ts'
import type { Mirror } from '../add-ons/mirror.ts'
import type { StartedCluster } from '../cluster.ts'
import type { InstanceFacts, MirrorFacts } from '../diagnosis/mirror.ts'
import type { KubeList } from '../kube/api.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { candidateEvents, candidates, type CandidateState } from './candidates.ts'
import { containerLog } from './container-log.ts'
import type { ElectionEvent } from './election-log.ts'
import { httpOnNode } from './http-on-node.ts'
import { lockHolder } from './lock.ts'
import { instancePeers } from './mirror-instances.ts'

/** What is asked of a mirror: a manifest that a neighbour has. */
export interface MirrorQuestion {
  readonly node: ClusterNode
  /** The registry that the image is named after: `upstream.test`. */
  readonly registry: string
  readonly repository: string
  /** A tag or a digest. */
  readonly reference: string
}

/** What a node's mirror answers for a manifest. */
export interface MirrorAnswer {
  /** 0: none. */
  readonly status: number
  readonly detail: string
}

/** Asks a node's mirror for a manifest as its container runtime does, from the node. A mirror that nobody else may ask answers 0. */
export async function askMirror(mirror: Mirror, question: MirrorQuestion): Promise<MirrorAnswer> {
  const { node, registry, repository, reference } = question
  if (mirror.endpoint === null) return { status: 0, detail: 'nobody but the container runtime may ask it' }
  const url = `${await mirror.endpoint(node)}/v2/${repository}/manifests/${reference}?ns=${encodeURIComponent(registry)}`
  const accept = 'Accept: application/vnd.oci.image.manifest.v1+json'
  const [answer] = await httpOnNode(node, [url], ['--header', accept])
  const { status = 0, body = '', problem = '' } = answer ?? {}
  return { status, detail: status === 200 ? `${body.length} bytes` : (problem || body).slice(0, 200) }
}

/** Everything that explains a mirror that does not serve, also where a machine of it does not answer. */
export async function mirrorFacts(
  cluster: StartedCluster,
  mirror: Mirror,
  question: MirrorQuestion | null = null,
): Promise<MirrorFacts> {
  const { electorate } = mirror
  const holder = electorate === null ? null : await lockHolder(cluster, electorate)
  const takenAt = holder?.takenAt ?? null
  const instances =
    electorate === null
      ? []
      : await Promise.all(
          (await candidates(cluster, electorate)).map((state) =>
            instanceFacts(cluster, mirror, electorate, state, takenAt),
          ),
        )
  const answer = question === null ? null : { node: question.node.name, ...(await askMirror(mirror, question)) }
  const { name, servesAlone } = mirror
  return { mirror: name, servesAlone, instances, holder: holder?.pod?.metadata.name ?? null, answer }
}

async function instanceFacts(
  cluster: StartedCluster,
  mirror: Mirror,
  electorate: Electorate,
  state: CandidateState,
  lockTakenAt: number | null,
): Promise<InstanceFacts> {
  const { namespace, container } = electorate
  const [peers, events, words, warnings] = await Promise.all([
    // A machine that is off has nothing to say.
    instancePeers(cluster, mirror, state).catch(() => null),
    candidateEvents(cluster, electorate, state.pod).catch(() => []),
    lastWords(cluster, namespace, state.pod, container),
    warningsOf(cluster, namespace, state.pod),
  ])
  const { pod, node, ready, restarts } = state
  const waiting = ready ? state.waiting : [state.waiting ?? '', ...warnings].join(' ').trim() || null
  const claimsLead = claimsLeadFalsely(events, lockTakenAt)
  return { pod, node, ready, restarts, peers, waiting, claimsLead, lastWords: words }
}

/**
 * Whether an instance has said "leader is self" since the present holder took the lock, or since it lost the lock itself
 * and has not tried for it again. It says so every two minutes: since the present holder came it may not have yet.
 * @param lockTakenAt milliseconds since the epoch; null: nobody holds it
 */
export function claimsLeadFalsely(events: readonly ElectionEvent[], lockTakenAt: number | null): boolean {
  const claimed = events.findLast(({ kind }) => kind === 'self')?.at ?? 0
  const own = events.findLast(({ kind }) => kind === 'acquiring' || kind === 'acquired' || kind === 'lost')
  const lostAt = own?.kind === 'lost' ? own.at : null
  return [lockTakenAt, lostAt].some((since) => since !== null && claimed > since)
}

/** The last line of a container's run before this one, or of this one where it has not ended before. */
async function lastWords(cluster: StartedCluster, namespace: string, pod: string, container: string): Promise<string> {
  for (const previous of [true, false]) {
    const log = await containerLog(cluster, { namespace, pod, container, previous }).catch(() => [])
    const words = log.findLast(({ text }) => /error|denied|fatal/i.test(text))?.text
    if (words !== undefined) return words.slice(0, 600)
  }
  return ''
}

/** What the kubelet complains of a pod: a volume that is not what it should be is told nowhere else. */
async function warningsOf({ api }: StartedCluster, namespace: string, pod: string): Promise<string[]> {
  interface Event {
    readonly message: string
  }
  const selector = encodeURIComponent(`involvedObject.name=${pod},type=Warning`)
  const { items } = await api.get<KubeList<Event>>(`/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`)
  return [...new Set(items.map(({ message }) => message))]
}
