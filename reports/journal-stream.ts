import { createReadStream } from 'node:fs'

import { type JournalRecord, parseJournal } from '../harness/journal.ts'

/**
 * Characters of a line beyond which it is none of a journal's: the longest that was seen, a verdict with all that its
 * waits observed, had 20,000.
 */
const longestLine = 1_024 * 1_024

/** Larger ones are no faster, and what is made of each lives long enough to cost the memory that this is to save. */
const chunkBytes = 64 * 1_024

/**
 * The records of a journal, one after the other, in memory that does not grow with the file. A line that is no record
 * (half-written, of another shape, without an end) is counted in `damage` and skipped.
 * @throws what the file system says of a file that cannot be read
 */
export async function* journalRecords(
  file: string,
  damage: { lines: number },
  { bytes = chunkBytes, longest = longestLine }: { readonly bytes?: number; readonly longest?: number } = {},
): AsyncGenerator<JournalRecord> {
  /** The line that the chunk before began. */
  let begun = ''
  let isTooLong = false
  // Node's types do not tell that with an encoding chunks are texts.
  const chunks: AsyncIterable<string> = createReadStream(file, { encoding: 'utf8', highWaterMark: bytes })
  for await (const chunk of chunks) {
    let text = begun + chunk
    if (isTooLong) {
      const end = chunk.indexOf('\n')
      if (end === -1) continue
      text = chunk.slice(end + 1)
      isTooLong = false
    }
    const end = text.lastIndexOf('\n') + 1
    begun = text.slice(end)
    if (begun.length > longest) {
      damage.lines += 1
      isTooLong = true
      begun = ''
    }
    const { records, damaged } = parseJournal(text.slice(0, end))
    damage.lines += damaged
    yield* records
  }
  const { records, damaged } = parseJournal(begun)
  damage.lines += damaged
  yield* records
}
