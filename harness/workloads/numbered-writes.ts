import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../error-message.ts'
import type { KubeApi, KubeList, KubeObject } from '../kube/api.ts'
import type { Served } from '../kube/types.ts'
import type { Journal } from '../journal.ts'
import { type Lapse, lapsesBetween } from '../lapse.ts'
import { AcknowledgedBatches } from './acknowledged-batches.ts'
import { namespace } from './server.ts'

const writesPath = `/api/v1/namespaces/${namespace}/configmaps`

/** Pause between two writes, so that the writer is no load. */
const pauseMs = 100
const writeLimitMs = 2_000

/** A write that the API acknowledged. */
export interface AcknowledgedWrite {
  readonly number: number
  readonly name: string
  readonly uid: string
  /** etcd's revision of the write: later writes have higher ones. */
  readonly revision: number
  /** When the acknowledgement came, in milliseconds of the run's clock. */
  readonly at: number
}

/** Writes numbered ConfigMaps all the while and remembers which ones the API acknowledged, and when. */
export class NumberedWrites implements AsyncDisposable {
  readonly #api: KubeApi
  readonly #prefix: string
  readonly #journal: Journal
  readonly #limitMs: number
  readonly #acknowledged: AcknowledgedWrite[] = []
  readonly #batches: AcknowledgedBatches
  readonly #end = new AbortController()
  readonly #writing: Promise<void>
  readonly startedAt: number

  /** @param limitMs after which a write is given up, in milliseconds; the next one is written */
  constructor(api: KubeApi, journal: Journal, limitMs = writeLimitMs) {
    this.#limitMs = limitMs
    this.#api = api
    this.#journal = journal
    this.startedAt = journal.now()
    this.#prefix = `write-${Math.round(this.startedAt)}`
    this.#batches = new AcknowledgedBatches(journal, this.#prefix)
    this.#writing = this.#write()
  }

  async #write(): Promise<void> {
    for (let number = 1; !this.#end.signal.aborted; number += 1) {
      const name = `${this.#prefix}-${number}`
      const object: KubeObject = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, labels: { writer: this.#prefix } },
      }
      try {
        const { metadata } = await this.#api.create<Served<object>>(writesPath, object, this.#limitMs)
        const { uid, resourceVersion } = metadata
        const at = this.#journal.now()
        this.#acknowledged.push({ number, name, uid, revision: Number(resourceVersion), at })
        this.#batches.acknowledged(at)
      } catch (error) {
        this.#batches.end()
        this.#journal.append('traffic', 'write-failed', name, messageOf(error))
      }
      await delay(pauseMs, undefined, { signal: this.#end.signal }).catch(() => undefined)
    }
  }

  get acknowledged(): number {
    return this.#acknowledged.length
  }

  /** Whether a write was acknowledged at or after that moment. */
  acknowledgedSince(at: number): boolean {
    return (this.#acknowledged.at(-1)?.at ?? 0) >= at
  }

  /** Path of all of its writes, those that were never acknowledged too. */
  get path(): string {
    return `${writesPath}?labelSelector=writer=${this.#prefix}`
  }

  get writes(): readonly AcknowledgedWrite[] {
    return this.#acknowledged
  }

  /** The times without an acknowledged write so far. */
  gaps(): Lapse[] {
    const until = this.#end.signal.aborted ? [] : [this.#journal.now()]
    return lapsesBetween([this.startedAt, ...this.#acknowledged.map(({ at }) => at), ...until])
  }

  /** The acknowledged writes that the API does not have. */
  async missing(): Promise<string[]> {
    const { items } = await this.#api.get<KubeList<KubeObject>>(this.path)
    const present = new Set(items.map(({ metadata }) => metadata.name))
    return this.#acknowledged.map(({ name }) => name).filter((name) => !present.has(name))
  }

  /** Ends the writing; returns once the last write is acknowledged or has failed. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#writing
    this.#batches.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
