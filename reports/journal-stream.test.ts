import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type JournalRecord, journalSources } from '../harness/journal.ts'
import { journalRecords } from './journal-stream.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-stream-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

async function read(text: string | Uint8Array, limits: { bytes?: number; longest?: number } = {}) {
  const file = path.join(folder, 'a.jsonl')
  writeFileSync(file, text)
  const damage = { lines: 0 }
  const records: JournalRecord[] = []
  for await (const record of journalRecords(file, damage, limits)) records.push(record)
  return { records, damaged: damage.lines }
}

const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
const record = fc.record({
  t: fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true }).map((t) => t + 0),
  at: fc.string(),
  source: fc.constantFrom(...journalSources),
  kind: fc.string(),
  subject: fc.string({ unit: 'binary' }),
  data: json,
})
/** Anything but a record, in one line that is not empty. */
const junk = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[\n]/.test(text)),
  json.map((value) => JSON.stringify(value)),
  record.map((value) => JSON.stringify(value).slice(0, -1)),
  record.map(({ t, ...rest }) => JSON.stringify({ ...rest, t: String(t) })),
)

describe('journalRecords', () => {
  it('gives every record between whatever else there is, and counts that, wherever the chunks end', async () => {
    const line = fc.oneof(
      record.map((good) => ({ good, text: JSON.stringify(good) })),
      junk.map((text) => ({ good: null, text })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 300 }), async (lines, bytes) => {
        const text = lines.map((each) => `${each.text}\n`).join('')
        const { records, damaged } = await read(text, { bytes })
        expect(records).toEqual(lines.flatMap(({ good }) => good ?? []))
        expect(damaged).toBe(lines.filter(({ good }) => good === null).length)
      }),
    )
  })

  it('skips a line without an end, and goes on with the one behind it', async () => {
    const good = JSON.stringify({ t: 1, at: '', source: 'run', kind: 'a', subject: 'b' })
    const endless = 'x'.repeat(10_000)
    const { records, damaged } = await read(`${good}\n${endless}\n${good}\n${endless}`, { bytes: 64, longest: 1_000 })
    expect(records).toHaveLength(2)
    expect(damaged).toBe(2)
  })

  it('takes bytes that are no text for damage', async () => {
    expect(await read(new Uint8Array([0xff, 0xfe, 0x0a, 0x00, 0x0a]))).toEqual({ records: [], damaged: 2 })
  })

  it('finds nothing in an empty file', async () => {
    expect(await read('')).toEqual({ records: [], damaged: 0 })
  })

  it('says that a file is not there', async () => {
    await expect(async () => {
      for await (const _ of journalRecords(path.join(folder, 'none'), { lines: 0 }));
    }).rejects.toThrow('ENOENT')
  })
})
