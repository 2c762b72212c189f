import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'

import type { Clock } from './clock.ts'

export const journalSources = [
  'run',
  'cluster',
  'scenario',
  'fault',
  'probe',
  'expectation',
  'api-watch',
  'etcd',
  'engine',
  'traffic',
  'host',
] as const

/** Who saw it. */
export type JournalSource = (typeof journalSources)[number]

/** One line of the journal. */
export interface JournalRecord {
  /** Milliseconds since the run's start on the run's monotonic clock. */
  readonly t: number
  /** The same moment as ISO 8601 wall-clock time, for people. */
  readonly at: string
  readonly source: JournalSource
  /** What happened, in the source's own words: `injected`, `MODIFIED`, `die`. */
  readonly kind: string
  /** What it happened to: `pod/kube-system/kube-proxy-x`, `node/worker`. */
  readonly subject: string
  readonly data?: unknown
}

export type JournalListener = (record: JournalRecord) => void

/**
 * What the journal of a file's cluster is named after: `recovery.control-plane` of `suites/recovery/control-plane.suite.ts`,
 * and `recovery.control-plane.counter` of its counter-tests.
 */
export function journalNameOf(testFile: string): string {
  const file = path.basename(testFile, '.ts').replace(/\.suite$/, '')
  return `${path.basename(path.dirname(testFile))}.${file}`
}

/**
 * Append-only JSONL. Each record is written before `append` returns, so that a killed run leaves every line that it
 * had reached; records are also kept in memory, where verdicts are judged from.
 */
export class Journal implements Disposable {
  readonly file: string
  readonly #clock: Clock
  readonly #records: JournalRecord[] = []
  readonly #listeners = new Set<JournalListener>()
  readonly #untold: JournalRecord[] = []
  #isTelling = false
  #descriptor: number | null

  constructor(file: string, clock: Clock) {
    mkdirSync(path.dirname(file), { recursive: true })
    this.file = file
    this.#clock = clock
    this.#descriptor = openSync(file, 'a', 0o600)
  }

  now(): number {
    return this.#clock.now()
  }

  append(source: JournalSource, kind: string, subject: string, data?: unknown): JournalRecord {
    const t = Math.round(this.#clock.now() * 1000) / 1000
    const record: JournalRecord = {
      t,
      at: this.#clock.wall(t).toISOString(),
      source,
      kind,
      subject,
      ...(data === undefined ? {} : { data }),
    }
    if (this.#descriptor !== null) writeSync(this.#descriptor, `${JSON.stringify(record)}\n`)
    this.#records.push(record)
    this.#untold.push(record)
    this.#tell()
    return record
  }

  /** All listeners hear all records in their order: what one of them appends is told when all have heard what came before. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    try {
      for (let next = this.#untold.shift(); next !== undefined; next = this.#untold.shift()) {
        for (const listener of this.#listeners) listener(next)
      }
    } finally {
      this.#isTelling = false
    }
  }

  /** The records since `since` (milliseconds of the run's clock), oldest first. */
  records(since = 0): readonly JournalRecord[] {
    if (since <= 0) return this.#records
    return this.#records.filter((record) => record.t >= since)
  }

  /** Calls the listener with each later record until the result is disposed of. */
  subscribe(listener: JournalListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }
}

/**
 * Parses a journal's text, or some whole lines of it. A line that a killed run left half-written is counted, not fatal.
 */
export function parseJournal(text: string): { records: JournalRecord[]; damaged: number } {
  const records: JournalRecord[] = []
  let damaged = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const record = parseLine(line)
    if (record === null) damaged += 1
    else records.push(record)
  }
  return { records, damaged }
}

/** A year. A time that no run can have would leave nothing to see of the others in any picture. */
const longestRunMs = 366 * 24 * 3_600_000

function parseLine(line: string): JournalRecord | null {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null) return null
    if (!('t' in value) || typeof value.t !== 'number' || !(value.t >= 0 && value.t <= longestRunMs)) return null
    if (!('at' in value) || typeof value.at !== 'string') return null
    if (!('source' in value) || !journalSources.some((source) => source === value.source)) return null
    if (!('kind' in value) || typeof value.kind !== 'string') return null
    if (!('subject' in value) || typeof value.subject !== 'string') return null
    // All fields were checked above but `data`, of which nothing is known.
    return value as JournalRecord
  } catch {
    return null
  }
}
