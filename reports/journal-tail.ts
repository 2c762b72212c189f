import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import path from 'node:path'

import { type JournalRecord, type JournalSource, parseJournal } from '../harness/journal.ts'

/** What has been appended to a journal since it was last looked at. */
export interface Appended {
  /** Its file name. */
  readonly journal: string
  readonly records: readonly JournalRecord[]
}

interface Position {
  offset: number
  /** The bytes of a line that is not whole yet. */
  rest: Buffer
}

/** Read at a time at most: who follows must be able to do something else in between. */
const chunkBytes = 4 * 1024 * 1024

const newline = '\n'.charCodeAt(0)

/** Follows the journals of a run, which its workers write line by line; new ones are found by their names. */
export class JournalTail {
  readonly #directory: string
  readonly #isOfRun: (name: string) => boolean
  readonly #sources: ReadonlySet<string>
  readonly #positions = new Map<string, Position>()

  /** Records of other sources are passed over without being parsed: most lines are what API watches saw. */
  constructor(directory: string, runId: string, sources: readonly JournalSource[]) {
    this.#directory = directory
    this.#isOfRun = (name) => name.endsWith('.jsonl') && name.includes(`-${runId}.`)
    this.#sources = new Set(sources)
  }

  /** What is new, journal by journal. Lines that are damaged are left out. */
  read(): Appended[] {
    return this.#names().flatMap((journal) => {
      const text = this.#appended(journal)
      const lines = text.split('\n').filter((line) => this.#sources.has(sourceOf(line)))
      return lines.length === 0 ? [] : [{ journal, records: parseJournal(lines.join('\n')).records }]
    })
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter(this.#isOfRun).toSorted()
    } catch {
      // No worker has begun a journal yet.
      return []
    }
  }

  #appended(journal: string): string {
    const file = path.join(this.#directory, journal)
    const position = this.#positions.get(journal) ?? { offset: 0, rest: Buffer.alloc(0) }
    this.#positions.set(journal, position)
    try {
      const size = Math.min(statSync(file).size - position.offset, chunkBytes)
      if (size <= 0) return ''
      const read = readAt(file, position.offset, size)
      position.offset += read.length
      const bytes = Buffer.concat([position.rest, read])
      const end = bytes.lastIndexOf(newline) + 1
      position.rest = Buffer.from(bytes.subarray(end))
      return bytes.toString('utf8', 0, end)
    } catch {
      // It has been taken away, or cannot be read: the verdicts do not depend on it.
      return ''
    }
  }
}

/** The first one in a line is the record's own: `t` and `at`, which come before it, hold no text. */
function sourceOf(line: string): string {
  return /"source":"([a-z-]+)"/.exec(line)?.[1] ?? ''
}

function readAt(file: string, offset: number, size: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(size)
    return buffer.subarray(0, readSync(descriptor, buffer, 0, size, offset))
  } finally {
    closeSync(descriptor)
  }
}
