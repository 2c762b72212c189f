import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { JournalSource } from '../harness/journal.ts'
import type { Verdict, Verdicts } from '../harness/verdict.ts'
import { readRun, verdictsOf } from './run-model.ts'
import { sampleVerdict } from './sample-verdict.ts'
import { verdictsPath, writeVerdicts } from './verdicts-file.ts'

let out: string
beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'run-model-'))
  mkdirSync(path.join(out, 'journal'))
})
afterEach(() => {
  rmSync(out, { recursive: true })
})

const startedAt = '2026-01-02T03:00:00.000Z'
const finishedAt = '2026-01-02T03:10:00.000Z'
const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 }

function line(t: number, source: JournalSource, kind: string, subject: string, data?: unknown): string {
  const at = new Date(Date.parse(startedAt) + t).toISOString()
  return JSON.stringify({ t, at, source, kind, subject, data })
}

const named = (scenario: string, changes: Partial<Verdict> = {}) =>
  sampleVerdict({ scenario, journal: 'journal/a-abcd1234.jsonl', ...changes })
const started = (t: number, name: string) => line(t, 'scenario', 'started', name)
const ended = (t: number, verdict: Verdict) => line(t, 'scenario', 'ended', verdict.scenario, verdict)

function journal(name: string, ...lines: string[]): void {
  writeFileSync(path.join(out, 'journal', name), lines.map((each) => `${each}\n`).join(''))
}

function verdicts(all: Verdict[], run: Partial<Verdicts['run']> = {}): void {
  writeVerdicts(out, { schema: 1, run: { id: 'abcd1234', startedAt, finishedAt, host, ...run }, verdicts: all })
}

const outcomesOf = async () =>
  (await readRun(out)).scenarios.map(({ scenario, verdict }) => [scenario, verdict?.outcome ?? null])

describe('readRun', () => {
  it('gives the scenarios of all journals in the order in which they began', async () => {
    const [one, two] = [named('a.one'), named('a.two')]
    const other = named('b.one', { journal: 'journal/b-abcd1234.jsonl' })
    journal('a-abcd1234.jsonl', started(1_000, 'a.one'), ended(2_000, one), started(5_000, 'a.two'), ended(6_000, two))
    journal('b-abcd1234.jsonl', started(3_000, 'b.one'), ended(9_000, other))
    verdicts([one, other, two])
    const run = await readRun(out)
    expect(run).toMatchObject({ id: 'abcd1234', run: { finishedAt }, damagedLines: 0, lastWords: '' })
    expect(run.scenarios).toMatchObject([
      { scenario: 'a.one', verdict: one, startedAt: 1_000, endedAt: 2_000, at: '2026-01-02T03:00:01.000Z' },
      { scenario: 'b.one', verdict: other, cluster: 'kind', journal: 'journal/b-abcd1234.jsonl' },
      { scenario: 'a.two', verdict: two },
    ])
    expect(verdictsOf(run)).toMatchObject({ run: { id: 'abcd1234' }, verdicts: [one, other, two] })
  })

  it('has the verdicts of scenarios that left no record, such as those without a cluster', async () => {
    const since = { name: 'x', budget: '', withinMs: 5, tookMs: null, since: 7_000 }
    verdicts([
      named('a.skipped', { outcome: 'skipped', journal: '' }),
      named('a.lost', { journal: 'journal/gone-abcd1234.jsonl', expectations: [since] }),
    ])
    expect((await readRun(out)).scenarios).toMatchObject([
      { scenario: 'a.skipped', startedAt: 0, journal: '' },
      { scenario: 'a.lost', startedAt: 7_000, endedAt: 7_005, at: '2026-01-02T03:00:07.000Z' },
    ])
  })

  it('takes a verdict whose line is damaged from verdicts.json, also of a repeated scenario', async () => {
    const all = (['conforms', 'violates', 'inconclusive'] as const).map((outcome) => named('a.one', { outcome }))
    const [first = '', second = '', third = ''] = all.map((verdict, n) => ended(n * 10 + 5, verdict))
    journal(
      'a-abcd1234.jsonl',
      started(0, 'a.one'),
      first,
      started(10, 'a.one'),
      second.slice(0, 50),
      started(20, 'a.one'),
      third,
    )
    verdicts(all)
    expect(await outcomesOf()).toEqual([
      ['a.one', 'conforms'],
      ['a.one', 'violates'],
      ['a.one', 'inconclusive'],
    ])
    expect((await readRun(out)).damagedLines).toBe(1)
  })

  it.each([
    ['missing', () => undefined],
    ['damaged', () => writeFileSync(verdictsPath(out), '{"schema": 1, "run": {')],
  ])('reads the newest run out of its journals alone where verdicts.json is %s', async (_, arrange) => {
    arrange()
    journal('a-00000000.jsonl', line(0, 'run', 'x', 'x').replaceAll('2026-', '2025-'), started(1, 'a.old'))
    journal('a-abcd1234.jsonl', started(1_000, 'a.one'), ended(2_000, named('a.one')))
    journal('notes.jsonl', started(1, 'a.other'))
    const run = await readRun(out)
    expect(run).toMatchObject({ id: 'abcd1234', run: null, scenarios: [{ scenario: 'a.one' }] })
    expect(verdictsOf(run)).toMatchObject({ run: { id: 'abcd1234', startedAt, finishedAt: null }, verdicts: [{}] })
  })

  it('says where a run was killed, on which cluster, and in what', async () => {
    verdicts([named('a.one')], { finishedAt: null })
    const wait = { name: 'the node is Ready', budget: '', withinMs: 40_000, since: 4_000 }
    journal(
      'a-abcd1234.jsonl',
      line(0, 'cluster', 'creating', 'two-workers-1234-x9k2'),
      started(1_000, 'a.one'),
      ended(2_000, named('a.one')),
      started(3_000, 'a.two'),
      line(4_000, 'expectation', 'waiting', wait.name, wait),
      line(5_000, 'probe', 'observed', wait.name, 'NotReady'),
      '{"t":6000,"at":"2026-',
    )
    const run = await readRun(out)
    expect(run.scenarios.at(-1)).toMatchObject({
      scenario: 'a.two',
      cluster: 'two-workers',
      verdict: null,
      endedAt: 5_000,
    })
    expect(run.damagedLines).toBe(1)
    expect(run.lastWords.split('\n')).toEqual([
      'run abcd1234 did not come to its end; its last record is of 5 s after its start (2026-01-02T03:00:05.000Z)',
      'in a.two, 2 s after its start, before any fault (journal/a-abcd1234.jsonl)',
      '  waiting: the node is Ready, for 1 s of 40 s',
      '  last observed, at 5 s: the node is Ready: NotReady',
    ])
  })

  it('takes what is judged within a scenario, in a journal of its own, for a part of that scenario', async () => {
    const outer = named('providers.existing')
    journal('a-abcd1234.jsonl', started(1_000, 'providers.existing'), ended(9_000, outer))
    const inner = named('recovery.inner', { outcome: 'violates' })
    journal('a-abcd1234.attached-2000.jsonl', started(2_000, 'recovery.inner'), ended(3_000, inner))
    verdicts([outer])
    expect(await outcomesOf()).toEqual([['providers.existing', 'conforms']])
  })

  it('says of a run that came to its end which scenario did not', async () => {
    journal('a-abcd1234.jsonl', started(1_000, 'a.one'))
    verdicts([])
    expect((await readRun(out)).lastWords).toBe('run abcd1234 came to its end without a verdict of a.one')
  })

  it.each([
    ['no directory', () => rmSync(out, { recursive: true }), /there is no directory/],
    ['no run', () => undefined, /there is no run in .*: nothing of a run/],
    ['damaged verdicts alone', () => writeFileSync(verdictsPath(out), '{'), /verdicts\.json is damaged/],
  ])('refuses %s', async (_, arrange, message) => {
    arrange()
    await expect(readRun(out)).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    )
    mkdirSync(out, { recursive: true })
  })
})
