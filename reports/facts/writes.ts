import { z } from 'zod'

import type { JournalRecord } from '../../harness/journal.ts'
import { Thinned } from './thinned.ts'

/** A time in milliseconds since the run's start. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What a writer of numbered objects saw of the API, and with it of etcd. */
export interface WriteFacts {
  /** When writes were acknowledged without a gap between them. Empty: an older journal, which does not tell. */
  readonly acknowledged: readonly (Span & { readonly writes: number })[]
  /** Without an acknowledged write for {@link shortestGapMs} or longer, oldest first. */
  readonly gaps: readonly Span[]
  /** When a write, or a read, was given up: of many some, evenly. */
  readonly failedWrites: readonly number[]
  readonly failedReads: readonly number[]
  /** How many in all. */
  readonly failed: { readonly writes: number; readonly reads: number }
}

/** A write comes about every 0.1 s. Gaps below this are within a record of the journal. */
export const shortestGapMs = 1_000

/** More than a picture can show. */
const [mostSpans, mostFailures] = [300, 300]

const batchSchema = z.object({ writes: z.number(), from: z.number(), to: z.number() })

/** Follows the records of writers and readers (source `traffic`). Each writer's gaps are its own. */
export class WriteWatch {
  readonly #spans: { writer: string; from: number; to: number; writes: number }[] = []
  readonly #gaps: Span[] = []
  readonly #failedWrites = new Thinned<number>(mostFailures)
  readonly #failedReads = new Thinned<number>(mostFailures)
  /** The writer whose last write has failed, and when. */
  #failing: { readonly writer: string; readonly at: number } | null = null

  take({ t, source, kind, subject, data }: JournalRecord): void {
    if (source !== 'traffic') return
    if (kind === 'acknowledged') this.#batch(subject, data)
    else if (kind === 'write-failed') {
      this.#failedWrites.add(t)
      this.#failing = { writer: subject.replace(/-\d+$/, ''), at: t }
    } else if (kind === 'read-failed') this.#failedReads.add(t)
  }

  #batch(writer: string, data: unknown): void {
    const parsed = batchSchema.safeParse(data)
    if (!parsed.success || parsed.data.to < parsed.data.from) return
    const { from, to, writes } = parsed.data
    // The batch that a failed write ends is told before it: this one came after it, or is another writer's.
    if (this.#failing?.writer !== writer) this.#giveUp()
    this.#failing = null
    const last = this.#spans.at(-1)
    const follows = last?.writer === writer
    if (follows && from - last.to >= shortestGapMs) this.#gap(last.to, from)
    if (last !== undefined && ((follows && from - last.to < shortestGapMs) || this.#spans.length >= mostSpans)) {
      last.to = Math.max(last.to, to)
      last.writes += writes
    } else this.#spans.push({ writer, from, to, writes })
  }

  #gap(from: number, to: number): void {
    if (this.#gaps.length < mostSpans) this.#gaps.push({ from, to })
  }

  /** A writer whose last write has failed has a gap that no write has ended. */
  #giveUp(): void {
    const [last, failing] = [this.#spans.at(-1), this.#failing]
    if (last === undefined || failing?.writer !== last.writer) return
    if (failing.at - last.to >= shortestGapMs) this.#gap(last.to, failing.at)
  }

  get seen(): boolean {
    return this.#spans.length + this.#failedWrites.count + this.#failedReads.count > 0
  }

  /** What is known by the scenario's end. */
  end(): WriteFacts {
    this.#giveUp()
    return {
      acknowledged: this.#spans.map(({ from, to, writes }) => ({ from, to, writes })),
      gaps: this.#gaps,
      failedWrites: this.#failedWrites.all(),
      failedReads: this.#failedReads.all(),
      failed: { writes: this.#failedWrites.count, reads: this.#failedReads.count },
    }
  }
}
