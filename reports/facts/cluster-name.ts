import type { JournalRecord } from '../../harness/journal.ts'

/** Records of source `cluster` that are about the whole of it. */
const ofTheWhole: ReadonlySet<string> = new Set(['creating', 'created', 'api', 'ready', 'changing-pod-templates'])

/** The name of the cluster, which its machines' names begin with; null: this record does not tell it. */
export function clusterNameOf({ source, kind, subject }: JournalRecord): string | null {
  if (source === 'cluster' && ofTheWhole.has(kind)) return subject
  return source === 'etcd' ? (/^(?:etcd|raft)\/(.+)$/.exec(subject)?.[1] ?? null) : null
}
