import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'

import { findSecrets, type Wrapping } from '../../harness/secrets/find.ts'
import type { SecretKind } from '../../harness/secrets/signs.ts'

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

/** Bytes at the end of a part that are looked at once more with the next: no secret is longer. */
const overlap = 64 * 1_024

export interface ScanFileOptions {
  readonly bytes?: number
  readonly longest?: number
  readonly overlapping?: number
}

/**
 * The secrets of a file, in memory that does not grow with it. A file that is gzip is unpacked meanwhile.
 * @throws what the file system says, or zlib, of a file that cannot be read
 */
export async function* leaksIn(file: string, options: ScanFileOptions = {}): AsyncGenerator<Leak> {
  const { bytes = 1_024 * 1_024 } = options
  const isPacked = await isGzip(file)
  const raw = createReadStream(file, { highWaterMark: bytes })
  const unpacked = isPacked ? raw.pipe(createGunzip()) : raw
  // An error of the source would otherwise leave the unpacking waiting for ever.
  raw.on('error', (error) => void unpacked.destroy(error))
  for await (const { text, line, column } of parts(unpacked, options)) {
    for (const { kind, start, within } of findSecrets(text)) {
      const before = text.slice(0, start)
      const newlines = before.split('\n').length - 1
      const inLine = start - (before.lastIndexOf('\n') + 1)
      yield {
        kind,
        line: line + newlines,
        column: (newlines === 0 ? column : 1) + inLine,
        within: isPacked ? ['gzip', ...within] : within,
      }
    }
  }
}

interface Part {
  /** Whole lines, as single bytes; of a very long line a part of it. */
  readonly text: string
  readonly line: number
  readonly column: number
}

async function* parts(
  chunks: AsyncIterable<Buffer>,
  { longest = longestLine, overlapping = overlap }: ScanFileOptions,
): AsyncGenerator<Part> {
  let line = 1
  let column = 1
  /** What was read since the last newline. */
  let begun: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    const text = chunk.toString('latin1')
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) {
      const whole = begun.join('') + text.slice(0, end)
      yield { text: whole, line, column }
      line += whole.split('\n').length - 1
      column = 1
      begun = []
      length = 0
    }
    begun.push(text.slice(end))
    length += text.length - end
    if (length > longest) {
      const part = begun.join('')
      yield { text: part, line, column }
      const again = part.slice(-overlapping)
      column += part.length - again.length
      begun = [again]
      length = again.length
    }
  }
  if (length > 0) yield { text: begun.join(''), line, column }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  } finally {
    await handle.close()
  }
}
