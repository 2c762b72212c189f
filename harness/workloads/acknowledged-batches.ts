import type { Journal } from '../journal.ts'

/** Writes that were acknowledged one after the other: source `traffic`, kind `acknowledged`, subject their common name. */
export interface AcknowledgedBatch {
  readonly writes: number
  /** When the first of them was acknowledged, and the last, in milliseconds of the run's clock. */
  readonly from: number
  readonly to: number
}

/** A record for each write would be more than a report can show; gaps longer than this are exact. */
const batchMs = 1_000

/** Writes into the journal when writes were acknowledged, at most once a second. */
export class AcknowledgedBatches {
  readonly #journal: Pick<Journal, 'append'>
  readonly #subject: string
  #batch: AcknowledgedBatch | null = null

  constructor(journal: Pick<Journal, 'append'>, subject: string) {
    this.#journal = journal
    this.#subject = subject
  }

  /** A write was acknowledged at that time of the run's clock. */
  acknowledged(at: number): void {
    if (this.#batch !== null && at - this.#batch.from >= batchMs) this.end()
    const { writes, from } = this.#batch ?? { writes: 0, from: at }
    this.#batch = { writes: writes + 1, from, to: at }
  }

  /** The writes so far are a batch: one has failed, or there will be no more. */
  end(): void {
    if (this.#batch !== null) this.#journal.append('traffic', 'acknowledged', this.#subject, this.#batch)
    this.#batch = null
  }
}
