import type { JournalRecord } from '../../harness/journal.ts'
import { journalRecords } from '../journal-stream.ts'
import { type ClusterStart, learn, unknownStart } from './leg.ts'
import { attachmentLimit } from './limits.ts'

/** The part of a journal that is asked for, by the times of the run's clock. */
export interface Window {
  readonly startedAt: number
  readonly endedAt: number
}

/** A wait or a fault, at the moment that it was written down. */
export interface Moment {
  readonly t: number
  readonly source: 'fault' | 'expectation'
  readonly kind: string
  readonly subject: string
  readonly data: unknown
}

export interface JournalPart {
  /** The records as JSONL; null: more than an attachment may hold. */
  readonly text: string | null
  /** How many records it has. */
  readonly records: number
  readonly moments: readonly Moment[]
}

export interface JournalParts {
  /** The part of each window, in their order. */
  readonly parts: readonly JournalPart[]
  readonly start: ClusterStart
}

/** Moments beyond which a scenario's steps tell nobody anything. */
const mostMoments = 1_000

/**
 * The parts of one journal, read once from its beginning to its end. What is kept of each is no more than an attachment
 * may hold, so that the memory for it does not grow with the file.
 * @throws what the file system says of a file that cannot be read
 */
export async function readParts(
  file: string,
  windows: readonly Window[],
  limit: number = attachmentLimit,
): Promise<JournalParts> {
  const parts = windows.map((window) => new Part(window, limit))
  let start = unknownStart
  for await (const record of journalRecords(file, { lines: 0 })) {
    start = learn(start, record)
    const holders = parts.filter((part) => part.has(record))
    if (holders.length === 0) continue
    const line = `${JSON.stringify(record)}\n`
    for (const part of holders) part.take(record, line)
  }
  return { parts, start }
}

class Part implements JournalPart {
  readonly moments: Moment[] = []
  records = 0
  readonly #window: Window
  readonly #limit: number
  #lines: string[] = []
  #length = 0

  constructor(window: Window, limit: number) {
    this.#window = window
    this.#limit = limit
  }

  get text(): string | null {
    return this.#length > this.#limit ? null : this.#lines.join('')
  }

  has({ t }: JournalRecord): boolean {
    return t >= this.#window.startedAt && t <= this.#window.endedAt
  }

  take({ t, source, kind, subject, data }: JournalRecord, line: string): void {
    this.records += 1
    this.#length += line.length
    if (this.#length > this.#limit) this.#lines = []
    else this.#lines.push(line)
    if ((source === 'fault' || source === 'expectation') && this.moments.length < mostMoments) {
      this.moments.push({ t, source, kind, subject, data })
    }
  }
}
