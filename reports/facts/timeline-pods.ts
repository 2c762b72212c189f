import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import { type State, type StateBar, StateLane } from './timeline-lane.ts'

const podSchema = z.object({
  uid: z.string(),
  node: z.string().nullable(),
  phase: z.string(),
  reason: z.string().nullable().catch(null),
  ready: z.boolean(),
  deleting: z.boolean().catch(false),
  owner: z.string().nullable().catch(null),
})

type Pod = z.infer<typeof podSchema>

/** Lanes that are kept while records go by; a picture shows far fewer. */
const mostLanes = 400
const lanesAfterPruning = 200
const mostRemembered = 400

interface PodLane {
  readonly namespace: string
  readonly name: string
  node: string | null
  readonly lane: StateLane
  /** The pod that the lane is about now; null: there is none. */
  current: string | null
  /** Pods that were followed by another one, or are gone. */
  readonly past: Set<string>
}

export interface PodLaneFacts {
  /** `kube-system/kube-proxy` of a DaemonSet's pods, which follow each other on a node; else namespace and pod. */
  readonly name: string
  readonly node: string | null
  /** How many pods followed each other in this lane. */
  readonly pods: number
  readonly weight: number
  readonly bars: readonly StateBar[]
}

/**
 * What became of pods: one lane for each, and one for the pods that a DaemonSet has on one node one after the other,
 * because that is where a reader looks for what is missing on it.
 */
export class PodLanes {
  readonly #startedAt: number
  readonly #lanes = new Map<string, PodLane>()
  /** Pods of DaemonSets that no node has been chosen for, and since when. */
  readonly #unplaced = new Map<string, { t: number; pod: Pod }>()
  #leftOut = 0

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind, subject, data }: JournalRecord): void {
    if (source !== 'api-watch') return
    const [noun, namespace, name] = subject.split('/')
    if (noun !== 'pod' || namespace === undefined || name === undefined) return
    const parsed = podSchema.safeParse(data)
    if (!parsed.success) return
    const pod = parsed.data
    const key = laneKey(subject, namespace, pod)
    if (key === null) {
      if (kind === 'DELETED') this.#unplaced.delete(pod.uid)
      else if (this.#unplaced.size < mostRemembered) this.#unplaced.set(pod.uid, { t, pod })
      return
    }
    const lane = this.#lanes.get(key) ?? this.#add(key, namespace, daemonSetOf(pod) ?? name, pod.node)
    const since = this.#unplaced.get(pod.uid)
    this.#unplaced.delete(pod.uid)
    if (since !== undefined) change(lane, since.t, 'ADDED', name, since.pod)
    change(lane, t, kind, name, pod)
  }

  #add(key: string, namespace: string, name: string, node: string | null): PodLane {
    if (this.#lanes.size >= mostLanes) this.#prune()
    const lane: PodLane = {
      namespace,
      name,
      node,
      lane: new StateLane(this.#startedAt),
      current: null,
      past: new Set(),
    }
    this.#lanes.set(key, lane)
    return lane
  }

  /** Forgets the lanes with the least to see. */
  #prune(): void {
    const byWeight = [...this.#lanes].toSorted(([, a], [, b]) => b.lane.weight - a.lane.weight)
    for (const [key] of byWeight.slice(lanesAfterPruning)) this.#lanes.delete(key)
    this.#leftOut += byWeight.length - lanesAfterPruning
  }

  /** The pods that were not Ready at some time of the scenario, or were replaced; the most eventful first. */
  end(endedAt: number): { readonly lanes: PodLaneFacts[]; readonly leftOut: number } {
    const lanes = [...this.#lanes.values()].map(({ namespace, name, node, lane, past, current }): PodLaneFacts => {
      const bars = lane.end(endedAt)
      const pods = past.size + (current === null ? 0 : 1)
      return { name: `${namespace}/${name}`, node, pods, weight: lane.weight, bars }
    })
    const interesting = lanes.filter(
      ({ bars, pods }) =>
        bars.length > 0 && (pods > 1 || bars.some(({ health }) => health !== 'healthy' && health !== 'done')),
    )
    return { lanes: interesting.toSorted((a, b) => b.weight - a.weight), leftOut: this.#leftOut }
  }
}

function change(lane: PodLane, t: number, kind: string, name: string, pod: Pod): void {
  // An earlier pod may go on ending while the one that replaces it has begun.
  if (lane.past.has(pod.uid)) return
  if (lane.current !== null && lane.current !== pod.uid) remember(lane.past, lane.current)
  lane.current = pod.uid
  lane.node = pod.node ?? lane.node
  if (kind === 'DELETED') {
    remember(lane.past, pod.uid)
    lane.current = null
    lane.lane.set(t, null)
    return
  }
  lane.lane.set(t, stateOf(name, pod))
}

function remember(past: Set<string>, uid: string): void {
  past.add(uid)
  const [oldest] = past
  if (past.size > mostRemembered && oldest !== undefined) past.delete(oldest)
}

function daemonSetOf({ owner }: Pod): string | null {
  return owner?.startsWith('DaemonSet/') === true ? owner.slice('DaemonSet/'.length) : null
}

/** Null: it is not known yet which lane it belongs to. */
function laneKey(subject: string, namespace: string, pod: Pod): string | null {
  const daemonSet = daemonSetOf(pod)
  if (daemonSet === null) return subject
  return pod.node === null ? null : `${namespace}/${daemonSet} on ${pod.node}`
}

function stateOf(name: string, { phase, reason, ready, deleting, node }: Pod): State {
  if (phase === 'Failed') return { health: 'unhealthy', label: reason ?? 'Failed', detail: `${name} Failed` }
  if (phase === 'Succeeded') return { health: 'done', label: 'Succeeded', detail: name }
  if (deleting) return { health: 'waiting', label: 'ends', detail: `${name} is being deleted` }
  if (ready) return { health: 'healthy', label: 'Ready', detail: name }
  if (phase === 'Pending') {
    return { health: 'waiting', label: 'Pending', detail: node === null ? `${name}, without a node` : name }
  }
  if (phase === 'Running') return { health: 'waiting', label: 'not Ready', detail: name }
  return { health: 'unknown', label: phase, detail: name }
}
