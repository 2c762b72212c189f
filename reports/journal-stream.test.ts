import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Journal, type JournalRecord, journalSources } from '../harness/journal.ts'
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

  it('gives what was appended in its order, with times that never decrease, also where a bit of it is another', async () => {
    const steps = fc.array(fc.record({ after: fc.nat(5_000), kind: fc.string(), data: json }), { minLength: 1 })
    const place = fc.nat(1_000_000)
    await fc.assert(
      fc.asyncProperty(steps, place, fc.nat(7), fc.integer({ min: 1, max: 300 }), async (all, at, bit, bytes) => {
        const file = path.join(folder, 'appended.jsonl')
        rmSync(file, { force: true })
        let now = 0
        using journal = new Journal(file, { now: () => now, wall: (t) => new Date(t) })
        for (const { after, kind, data } of all) {
          now += after
          journal.append('probe', kind, 'x', data)
        }
        const sound = readFileSync(file)
        const appended = journal.records()
        expect(await read(sound, { bytes })).toEqual({ records: appended, damaged: 0 })

        const flipped = Buffer.from(sound)
        flipped.writeUInt8(sound.readUInt8(at % sound.length) ^ (1 << bit), at % sound.length)
        const { records, damaged } = await read(flipped, { bytes })
        const lines = flipped.toString('utf8').split('\n')
        expect(records.length + damaged).toBe(lines.filter((line) => line !== '').length)
        const untouched = appended.filter((each) => lines.includes(JSON.stringify(each)))
        expect(untouched.length).toBeGreaterThanOrEqual(appended.length - 2)
        const texts = records.map((each) => JSON.stringify(each))
        let from = 0
        for (const each of untouched) {
          from = texts.indexOf(JSON.stringify(each), from) + 1
          expect(from).toBeGreaterThan(0)
        }
        for (const [index, { t }] of untouched.entries()) expect(t).toBeGreaterThanOrEqual(untouched[index - 1]?.t ?? 0)
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
