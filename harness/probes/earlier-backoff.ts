import { failedPodsBackoff } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
import type { DaemonSet, Lease } from '../kube/types.ts'

/** What the journal keeps of a back-off from before it began: source `api-watch`, subject `backoff/NODE`. */
export interface EarlierBackoff {
  /** `DaemonSet/kube-proxy` and its uid. */
  readonly owner: string
  readonly ownerUid: string
  readonly templateGeneration: string | null
  /** How many of its failed pods the controller has deleted on the node. */
  readonly deletions: number
  /** When it did so last, in milliseconds of the run's clock: before the run, it is negative. */
  readonly lastDeletionAt: number
}

/** An Event as it is served, with what is read of it. */
interface FailedDaemonPodEvent {
  readonly involvedObject: { readonly uid?: string }
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | null
}

const leasePath = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'
const eventsPath = '/api/v1/events?fieldSelector=reason=FailedDaemonPod'

/**
 * The back-offs that the leading controller-manager has in its memory. Nobody can ask it, but it reports each pod that it
 * deletes, in an Event that is kept for an hour: as many Events, as often was the delay doubled. Events of an earlier
 * leader do not count. Where there are more than ten of one DaemonSet in ten minutes, the API has them in one, with a
 * count, which is taken for the node of the last.
 */
export async function earlierBackoffs({
  api,
  journal,
}: Pick<StartedCluster, 'api' | 'journal'>): Promise<ReadonlyMap<string, readonly EarlierBackoff[]>> {
  const [lease, events, sets] = await Promise.all([
    api.get<Lease>(leasePath),
    api.get<KubeList<FailedDaemonPodEvent>>(eventsPath),
    api.get<KubeList<DaemonSet>>('/apis/apps/v1/daemonsets'),
  ])
  const now = Date.now()
  const ledSince = Math.max(Date.parse(lease.spec?.acquireTime ?? ''), now - failedPodsBackoff.maxMs * 2)
  const found = new Map<string, Map<string, EarlierBackoff>>()
  for (const { involvedObject, message = '', count = 1, lastTimestamp } of events.items) {
    const node = / on node (\S+), will try to kill it$/.exec(message)?.[1]
    const at = Date.parse(lastTimestamp ?? '')
    const set = sets.items.find(({ metadata }) => metadata.uid === involvedObject.uid)
    // Whole seconds: one from the second in which the leader began may be its own.
    if (node === undefined || set === undefined || !(at >= Math.floor(ledSince / 1_000) * 1_000)) continue
    const { name, uid, annotations } = set.metadata
    const ofNode = found.get(node) ?? new Map<string, EarlierBackoff>()
    found.set(node, ofNode)
    const before = ofNode.get(uid)
    ofNode.set(uid, {
      owner: `DaemonSet/${name}`,
      ownerUid: uid,
      templateGeneration: annotations?.['deprecated.daemonset.template.generation'] ?? null,
      deletions: (before?.deletions ?? 0) + count,
      lastDeletionAt: Math.max(before?.lastDeletionAt ?? Number.NEGATIVE_INFINITY, journal.now() - (now - at)),
    })
  }
  return new Map([...found].map(([node, ofNode]) => [node, [...ofNode.values()]]))
}
