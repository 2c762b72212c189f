import type { JournalRecord } from '../../harness/journal.ts'

/** A time in which something outside the cluster was not served, in milliseconds since the scenario began. */
export interface Burst {
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface TroubleLane {
  /** `requests lost` */
  readonly name: string
  readonly bursts: readonly Burst[]
}

/** Records of trouble, by source and kind, and what a reader calls them. */
const troubles: ReadonlyMap<string, string> = new Map([
  ['traffic lost', 'requests lost'],
  ['traffic write-failed', 'writes failed'],
  ['traffic read-failed', 'reads failed'],
  ['traffic anomaly', 'wrong answers'],
  ['api-watch interrupted', 'API not answering'],
  ['etcd interrupted', 'etcd not answering'],
])

/** What comes within this is one burst: requests are sent every half second or so. */
const oneBurstMs = 2_000

const mostBursts = 200

/** What those who used the cluster saw of the fault. */
export class Troubles {
  readonly #startedAt: number
  readonly #bursts = new Map<string, { from: number; to: number; count: number }[]>()

  constructor(startedAt: number) {
    this.#startedAt = startedAt
  }

  take({ t, source, kind }: JournalRecord): void {
    const name = troubles.get(`${source} ${kind}`)
    const at = t - this.#startedAt
    if (name === undefined || at < 0) return
    const bursts = this.#bursts.get(name) ?? []
    this.#bursts.set(name, bursts)
    const last = bursts.at(-1)
    if (last !== undefined && (at - last.to <= oneBurstMs || bursts.length >= mostBursts)) {
      last.to = Math.max(last.to, at)
      last.count += 1
    } else bursts.push({ from: at, to: at, count: 1 })
  }

  end(endedAt: number): TroubleLane[] {
    const duration = Math.max(0, endedAt - this.#startedAt)
    return [...this.#bursts].map(([name, bursts]) => ({
      name,
      bursts: bursts
        .filter(({ from }) => from <= duration)
        .map(({ from, to, count }) => ({ from, to: Math.min(to, duration), count })),
    }))
  }
}
