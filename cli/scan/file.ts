import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

import { findSecrets, type Wrapping } from '../../harness/secrets/find.ts'
import type { SecretKind } from '../../harness/secrets/signs.ts'
import { firstBytes, gzip, PackedMembers } from './packed.ts'

/** Where a secret stands in a file. It does not say what the secret is like. */
export interface Leak {
  readonly kind: SecretKind
  /** Counted from 1; of a packed file in what it holds. */
  readonly line: number
  readonly column: number
  readonly within: readonly Wrapping[]
}

/** Bytes of a line beyond which it is looked through in parts: the page of a report is one line of tens of megabytes. */
const longestLine = 64 * 1_024 * 1_024

/** Bytes at the end of a part that are looked at once more with the next: no secret is longer, with the words before it. */
const overlap = 64 * 1_024

/** zlib's own default, in bytes. */
const zlibChunk = 16 * 1_024

export interface ScanFileOptions {
  readonly bytes?: number
  readonly longest?: number
  readonly overlapping?: number
}

/**
 * The secrets of a file, in memory that does not grow with it. A file that is gzip is unpacked meanwhile.
 * @throws what the file system says, or zlib, of a file that cannot be read; `Error` at its end where it has others in it
 * that are packed: nobody has looked into those
 */
export async function* leaksIn(file: string, options: ScanFileOptions = {}): AsyncGenerator<Leak> {
  const { bytes = 1_024 * 1_024 } = options
  const isPacked = (await firstBytes(file)).subarray(0, gzip.length).equals(gzip)
  const raw = createReadStream(file, { highWaterMark: bytes })
  const content = isPacked ? raw.pipe(createGunzip({ chunkSize: Math.max(bytes, zlibChunk) })) : raw
  // An error of the source would otherwise leave the unpacking waiting for ever.
  raw.on('error', (error) => void content.destroy(error))
  const members = new PackedMembers()
  const told = new Set<string>()
  for await (const { text, again, line, column } of parts(members.watching(content), options)) {
    for (const { kind, start, end, within } of findSecrets(text)) {
      // It was found at the end of the part before.
      if (end <= again) continue
      const before = text.slice(0, start)
      const newlines = before.split('\n').length - 1
      const inLine = start - (before.lastIndexOf('\n') + 1)
      const at = { line: line + newlines, column: (newlines === 0 ? column : 1) + inLine }
      // Or its beginning was.
      if (told.has(`${at.line}:${at.column}`)) continue
      told.add(`${at.line}:${at.column}`)
      yield { kind, ...at, within: isPacked ? ['gzip', ...within] : within }
    }
  }
  const [first] = members.found
  if (first !== undefined) throw new Error(`it has something in it that is ${first}`)
}

interface Part {
  /** As single bytes: lines to the end of one, or a part of a very long line. */
  readonly text: string
  /** Characters at its beginning that were the end of the part before. */
  readonly again: number
  /** Where it begins. */
  readonly line: number
  readonly column: number
}

async function* parts(
  chunks: AsyncIterable<Buffer>,
  { longest = longestLine, overlapping = overlap }: ScanFileOptions,
): AsyncGenerator<Part> {
  let [line, column, again] = [1, 1, 0]
  /** What is to be looked through: the end of the part before, and what was read since. */
  let held: string[] = []
  let length = 0
  const part = (end: number): Part => ({ text: held.join('').slice(0, end), again, line, column })
  /** Keeps the end of what was looked through, and what comes after it. */
  const keepFrom = (end: number) => {
    const all = held.join('')
    const from = Math.max(0, end - overlapping)
    const gone = all.slice(0, from)
    const newlines = gone.split('\n').length - 1
    line += newlines
    column = newlines === 0 ? column + from : from - gone.lastIndexOf('\n')
    again = end - from
    held = [all.slice(from)]
    length = all.length - from
  }
  for await (const chunk of chunks) {
    const text = chunk.toString('latin1')
    held.push(text)
    length += text.length
    const wholeLines = text.lastIndexOf('\n') + 1
    if (wholeLines === 0 && length - again <= longest) continue
    const end = wholeLines === 0 ? length : length - text.length + wholeLines
    yield part(end)
    keepFrom(end)
  }
  if (length > again) yield part(length)
}
