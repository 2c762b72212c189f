import { messageOf } from '../error-message.ts'
import type { Journal } from '../journal.ts'
import type { KubeApi } from './api.ts'
import { conditionTrue, type DaemonSet, type Lease, type Node, type Pod, podReady, readyCondition } from './types.ts'
import { type WatchEvent, type Watched, watchResource } from './watch.ts'

/** What the journal keeps of a pod's change. */
export interface PodFacts {
  readonly uid: string
  readonly node: string | null
  readonly phase: string
  /** `Terminated`, `NodeShutdown`, `Evicted`, … of a Failed pod. */
  readonly reason: string | null
  readonly ready: boolean
  readonly deleting: boolean
  /** `DaemonSet/kube-proxy` and its uid; null: nobody's. */
  readonly owner: string | null
  readonly ownerUid: string | null
  /** Generation of the owner's template that it was made from (DaemonSets). */
  readonly templateGeneration: string | null
  /** The condition that names a disruption: `TerminationByKubelet`. */
  readonly disruption: string | null
}

export interface NodeFacts {
  readonly ready: boolean
  readonly reason: string | null
}

export interface LeaseFacts {
  readonly holder: string
  readonly transitions: number
  /** When the holder took it, and when it or the one before renewed it last, each by its own clock (RFC 3339). */
  readonly acquiredAt: string | null
  readonly previous: { readonly holder: string; readonly renewedAt: string | null } | null
}

/** Writes every change of pods, nodes, DaemonSets and lease holders into the journal until the signal aborts. */
export function observeApi(api: KubeApi, journal: Journal, signal: AbortSignal): Promise<unknown> {
  return Promise.all([
    observe<Pod>(api, journal, signal, '/api/v1/pods', 'pod', podFacts),
    observe<Node>(api, journal, signal, '/api/v1/nodes', 'node', nodeFacts),
    observe<DaemonSet>(api, journal, signal, '/apis/apps/v1/daemonsets', 'daemonset', daemonSetFacts),
    // Nodes renew theirs as heartbeats: those say nothing that their status does not.
    observe<Lease>(
      api,
      journal,
      signal,
      '/apis/coordination.k8s.io/v1/leases?fieldSelector=metadata.namespace!=kube-node-lease',
      'lease',
      leaseFacts(),
    ),
  ])
}

function observe<T extends Watched>(
  api: KubeApi,
  journal: Journal,
  signal: AbortSignal,
  path: string,
  noun: string,
  facts: (object: T) => unknown,
): Promise<void> {
  const onEvent = ({ type, object }: WatchEvent<T>) => {
    const data = facts(object)
    if (data === null) return
    const { namespace, name } = object.metadata
    journal.append('api-watch', type, [noun, namespace, name].filter((part) => part !== undefined).join('/'), data)
  }
  const onInterruption = (error: unknown) => void journal.append('api-watch', 'interrupted', path, messageOf(error))
  return watchResource<T>(api, path, { onEvent, onInterruption }, signal)
}

export function podFacts(pod: Pod): PodFacts {
  const owner = pod.metadata.ownerReferences?.[0]
  const disruption = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  )
  return {
    uid: pod.metadata.uid,
    node: pod.spec?.nodeName ?? null,
    phase: pod.status?.phase ?? 'Unknown',
    reason: pod.status?.reason ?? null,
    ready: podReady(pod),
    deleting: pod.metadata.deletionTimestamp !== undefined,
    owner: owner === undefined ? null : `${owner.kind}/${owner.name}`,
    ownerUid: owner?.uid ?? null,
    templateGeneration: pod.metadata.labels?.['pod-template-generation'] ?? null,
    disruption: disruption?.reason ?? null,
  }
}

/** What is new in a lease: its holder. Renewals come every two seconds; the last one is told with the next holder. */
export function leaseFacts(): (lease: Lease) => LeaseFacts | null {
  const last = new Map<string, { holder: string; renewedAt: string | null }>()
  return ({ metadata, spec }) => {
    const holder = spec?.holderIdentity ?? ''
    const previous = last.get(metadata.uid) ?? null
    last.set(metadata.uid, { holder, renewedAt: spec?.renewTime ?? null })
    if (previous?.holder === holder) return null
    return { holder, transitions: spec?.leaseTransitions ?? 0, acquiredAt: spec?.acquireTime ?? null, previous }
  }
}

function nodeFacts(node: Node): NodeFacts {
  const ready = readyCondition(node)
  return { ready: conditionTrue(node, 'Ready'), reason: ready?.reason ?? null }
}

function daemonSetFacts({ metadata, status }: DaemonSet): unknown {
  return {
    generation: metadata.generation ?? 0,
    desired: status?.desiredNumberScheduled ?? 0,
    ready: status?.numberReady ?? 0,
  }
}
