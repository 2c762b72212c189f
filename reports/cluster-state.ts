import type { JournalRecord, JournalSource } from '../harness/journal.ts'

/** What these say of a subject holds until they say something else of it. */
const lasting: ReadonlySet<JournalSource> = new Set(['cluster', 'api-watch', 'etcd', 'engine', 'fault'])

/** With these the subject is gone, or they are about the one who looked. */
const forgetting: ReadonlySet<string> = new Set(['DELETED', 'removed', 'healed', 'destroy', 'interrupted'])

/** A cluster of three nodes has about a hundred subjects; a journal of any length must not fill the memory. */
const mostSubjects = 5_000

/** What the records so far tell of a cluster: of each source and subject the last one. */
export class ClusterState {
  readonly #last = new Map<string, JournalRecord>()
  readonly #most: number

  constructor(most = mostSubjects) {
    this.#most = most
  }

  take(record: JournalRecord): void {
    const { source, kind, subject } = record
    if (!lasting.has(source)) return
    // The journal may go on with another cluster, which has nothing of this one.
    if (source === 'cluster' && kind === 'removed') return this.#last.clear()
    const key = `${source} ${subject}`
    // Anew, so that the first of the map is the one that nothing was heard of for the longest time.
    this.#last.delete(key)
    if (forgetting.has(kind)) return
    this.#last.set(key, record)
    if (this.#last.size <= this.#most) return
    const [oldest] = this.#last.keys()
    if (oldest !== undefined) this.#last.delete(oldest)
  }

  /** In the order in which they were written. */
  records(): Iterable<JournalRecord> {
    return this.#last.values()
  }
}
