import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Clock } from './clock.ts'
import { Journal, journalNameOf, type JournalRecord, journalSources, parseJournal } from './journal.ts'

let folder: string
let now: number
const clock: Clock = { now: () => now, wall: (at) => new Date(Date.UTC(2026, 0, 1) + at) }

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-journal-'))
  now = 0
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

let files = 0
function newJournal(): Journal {
  files += 1
  return new Journal(path.join(folder, 'a', 'b', `${files}.jsonl`), clock)
}

const written = (journal: Journal) => parseJournal(readFileSync(journal.file, 'utf8'))

describe('Journal', () => {
  it('writes a record before append returns', () => {
    using journal = newJournal()
    now = 1_234.567_89
    const record = journal.append('fault', 'injected', 'node/worker', { fault: 'reboot' })
    expect(record).toEqual({
      t: 1_234.568,
      at: '2026-01-01T00:00:01.234Z',
      source: 'fault',
      kind: 'injected',
      subject: 'node/worker',
      data: { fault: 'reboot' },
    })
    expect(readFileSync(journal.file, 'utf8')).toBe(`${JSON.stringify(record)}\n`)
  })

  it('reads back what was appended, in its order', () => {
    // Through JSON once: it has no -0.
    const json = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)))
    const entry = fc.record({
      after: fc.double({ min: 0, max: 1e6, noNaN: true }),
      source: fc.constantFrom(...journalSources),
      kind: fc.string(),
      subject: fc.string({ unit: 'binary' }),
      data: fc.option(json, { nil: undefined }),
    })
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        using journal = newJournal()
        const records = entries.map(({ after, source, kind, subject, data }) => {
          now += after
          return journal.append(source, kind, subject, data)
        })
        expect(written(journal)).toEqual({ records, damaged: 0 })
        expect(journal.records()).toEqual(records)
        expect(records.map(({ t }) => t)).toEqual(records.map(({ t }) => t).toSorted((a, b) => a - b))
      }),
    )
  })

  it('keeps a data field that is null, and has none where there is nothing to say', () => {
    using journal = newJournal()
    expect(journal.append('run', 'a', 'b')).not.toHaveProperty('data')
    expect(journal.append('run', 'a', 'b', null)).toHaveProperty('data', null)
  })

  it('goes on where an earlier journal of that name ended', () => {
    using first = newJournal()
    first.append('run', 'one', 'x')
    using second = new Journal(first.file, clock)
    second.append('run', 'two', 'x')
    expect(written(first).records.map(({ kind }) => kind)).toEqual(['one', 'two'])
  })

  it('gives the records since a moment, that moment included', () => {
    using journal = newJournal()
    for (now of [10, 20, 30]) journal.append('run', String(now), 'x')
    expect(journal.records(20).map(({ kind }) => kind)).toEqual(['20', '30'])
    expect(journal.records()).toHaveLength(3)
  })

  it('has the order of its appends, with times that never decrease, also where a listener appends', () => {
    const step = fc.record({ after: fc.double({ min: 0, max: 1e6, noNaN: true }), answers: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        using journal = newJournal()
        now = 0
        const heard: JournalRecord[] = []
        using _answering = journal.subscribe(({ kind, data }) => {
          if (kind === 'asked' && typeof data === 'number' && data > 0) journal.append('run', 'asked', 'x', data - 1)
        })
        using _listening = journal.subscribe((record) => void heard.push(record))
        for (const { after, answers } of steps) {
          now += after
          journal.append('run', 'asked', 'x', answers)
        }
        const { records } = written(journal)
        expect(records).toHaveLength(steps.reduce((sum, { answers }) => sum + 1 + answers, 0))
        expect(journal.records()).toEqual(records)
        for (const [index, { t }] of records.entries()) expect(t).toBeGreaterThanOrEqual(records[index - 1]?.t ?? 0)
        expect(heard).toEqual(records)
      }),
    )
  })

  it('tells subscribers of each later record until they have had enough', () => {
    using journal = newJournal()
    const heard: string[] = []
    journal.append('run', 'before', 'x')
    const listener = ({ kind }: JournalRecord) => void heard.push(kind)
    const subscription = journal.subscribe(listener)
    journal.append('run', 'first', 'x')
    journal.append('run', 'second', 'x')
    subscription[Symbol.dispose]()
    journal.append('run', 'after', 'x')
    expect(heard).toEqual(['first', 'second'])
  })

  it('keeps in memory what comes when its file is closed', () => {
    const journal = newJournal()
    journal.append('run', 'open', 'x')
    journal[Symbol.dispose]()
    journal[Symbol.dispose]()
    journal.append('run', 'closed', 'x')
    expect(journal.records().map(({ kind }) => kind)).toEqual(['open', 'closed'])
    expect(written(journal).records.map(({ kind }) => kind)).toEqual(['open'])
  })
})

describe('parseJournal', () => {
  const line = JSON.stringify({ t: 1, at: '', source: 'run', kind: 'a', subject: 'b' })

  it('counts a last line that a killed run left half-written', () => {
    using journal = newJournal()
    journal.append('run', 'whole', 'x')
    appendFileSync(journal.file, line.slice(0, 20))
    expect(written(journal)).toMatchObject({ records: [{ kind: 'whole' }], damaged: 1 })
  })

  it('keeps every whole line, wherever the text breaks off', () => {
    const text = `${line}\n${line}\n${line}\n`
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        const { records, damaged } = parseJournal(text.slice(0, length))
        const [whole, rest] = [Math.floor((length + 1) / (line.length + 1)), (length + 1) % (line.length + 1)]
        expect(records).toHaveLength(whole)
        expect(damaged).toBe(rest > 1 ? 1 : 0)
      }),
    )
  })

  it.each([
    '{}',
    'null',
    '[]',
    '1',
    '{"t":"1","at":"","source":"run","kind":"a","subject":"b"}',
    '{"t":1,"at":"","source":"nobody","kind":"a","subject":"b"}',
    '{"t":1,"at":"","source":"run","subject":"b"}',
    '{"t":1,"at":"","source":"run","kind":"a","subject":7}',
    '{"t":null,"at":"","source":"run","kind":"a","subject":"b"}',
    '{"t":-1,"at":"","source":"run","kind":"a","subject":"b"}',
    '{"t":1e999,"at":"","source":"run","kind":"a","subject":"b"}',
    '{"t":1,"source":"run","kind":"a","subject":"b"}',
  ])('takes no record out of %s', (text) => {
    expect(parseJournal(`${text}\n${line}\n`)).toMatchObject({ records: [{ kind: 'a' }], damaged: 1 })
  })

  it('finds nothing in nothing', () => {
    expect(parseJournal('')).toEqual({ records: [], damaged: 0 })
    expect(parseJournal('\n\n')).toEqual({ records: [], damaged: 0 })
  })
})

describe('journalNameOf', () => {
  it.each([
    ['suites/recovery/control-plane.suite.ts', 'recovery.control-plane'],
    ['suites/election/control-plane.suite.ts', 'election.control-plane'],
    ['suites/election/control-plane.counter.ts', 'election.control-plane.counter'],
  ])('%s has one of its own', (file, name) => {
    expect(journalNameOf(file)).toBe(name)
  })
})
