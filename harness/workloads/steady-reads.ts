import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../error-message.ts'
import type { Journal } from '../journal.ts'
import type { KubeApi, KubeList } from '../kube/api.ts'
import type { Served } from '../kube/types.ts'
import { type Lapse, lapsesBetween } from '../lapse.ts'
import type { AcknowledgedWrite, NumberedWrites } from './numbered-writes.ts'

const pauseMs = 250
const readLimitMs = 2_000

/** What a reader saw that must not be. */
export interface ReadAnomaly {
  readonly kind: 'lost' | 'stale' | 'twice' | 'reordered'
  readonly what: string
}

/**
 * Reads what a writer writes, with a quorum, all the while: how long no read was answered, and whether any read
 * contradicts what was acknowledged or read before.
 */
export class SteadyReads implements AsyncDisposable {
  readonly #api: KubeApi
  readonly #writes: NumberedWrites
  readonly #journal: Journal
  readonly #end = new AbortController()
  readonly #reading: Promise<void>
  readonly #answeredAt: number[]
  readonly anomalies: ReadAnomaly[] = []
  #seen: ReadonlyMap<string, string> = new Map()

  constructor(api: KubeApi, writes: NumberedWrites, journal: Journal) {
    this.#api = api
    this.#writes = writes
    this.#journal = journal
    this.#answeredAt = [journal.now()]
    this.#reading = this.#read()
  }

  async #read(): Promise<void> {
    while (!this.#end.signal.aborted) {
      await this.readOnce().catch((error: unknown) => {
        this.#journal.append('traffic', 'read-failed', 'reader', messageOf(error))
      })
      await delay(pauseMs, undefined, { signal: this.#end.signal }).catch(() => undefined)
    }
  }

  /** One read, compared with what was acknowledged before it began and with what was read before it. */
  async readOnce(): Promise<void> {
    const acknowledged = [...this.#writes.writes]
    const { items } = await this.#api.get<KubeList<Served<object>>>(this.#writes.path, { timeoutMs: readLimitMs })
    this.#answeredAt.push(this.#journal.now())
    const seen = new Map(items.map(({ metadata }) => [metadata.name, metadata.uid]))
    const found = anomaliesOf(acknowledged, this.#seen, seen)
    this.#seen = seen
    for (const anomaly of found) {
      if (this.anomalies.some(({ what }) => what === anomaly.what)) continue
      this.anomalies.push(anomaly)
      this.#journal.append('traffic', 'anomaly', 'reader', anomaly)
    }
  }

  /** The times without an answered read so far. */
  gaps(): Lapse[] {
    return lapsesBetween([...this.#answeredAt, ...(this.#end.signal.aborted ? [] : [this.#journal.now()])])
  }

  async stop(): Promise<void> {
    this.#end.abort()
    await this.#reading
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * What one read contradicts: an acknowledged write that it lacks (stale: never read yet; lost: read before), a write
 * under another uid than it was acknowledged with (written twice), and acknowledgements whose revisions do not grow.
 */
export function anomaliesOf(
  acknowledged: readonly AcknowledgedWrite[],
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): ReadAnomaly[] {
  return acknowledged.flatMap(({ name, uid, revision }, index): ReadAnomaly[] => {
    const read = now.get(name)
    const previous = acknowledged[index - 1]
    return [
      ...(read === undefined && before.has(name)
        ? [{ kind: 'lost', what: `${name} was read and is gone` } as const]
        : []),
      ...(read === undefined && !before.has(name)
        ? [{ kind: 'stale', what: `${name} was acknowledged and is not read` } as const]
        : []),
      ...(read !== undefined && read !== uid
        ? [{ kind: 'twice', what: `${name} was acknowledged as ${uid} and is read as ${read}` } as const]
        : []),
      ...(previous !== undefined && previous.revision >= revision
        ? [
            {
              kind: 'reordered',
              what: `${name} has revision ${revision}, the write before it ${previous.revision}`,
            } as const,
          ]
        : []),
    ]
  })
}
