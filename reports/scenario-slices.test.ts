import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JournalRecord, JournalSource } from '../harness/journal.ts'
import type { StartFold } from './scenario-fold.ts'
import { sampleVerdict } from './sample-verdict.ts'
import { type OtherVerdict, type ScenarioSlice, scenarioSlices } from './scenario-slices.ts'

/** What a fold was told, as `kind subject`. */
const listing: StartFold<string[]> = () => {
  const told: string[] = []
  return { take: ({ kind, subject }) => void told.push(`${kind} ${subject}`), end: () => told }
}

let clock = 0
const record = (source: JournalSource, kind: string, subject: string, data?: unknown): JournalRecord => {
  clock += 1
  return { t: clock, at: `at ${clock}`, source, kind, subject, ...(data === undefined ? {} : { data }) }
}
const started = (name: string) => record('scenario', 'started', name)
const ended = (name: string, changes = {}) =>
  record('scenario', 'ended', name, sampleVerdict({ scenario: name, ...changes }))
const pod = (name: string, kind = 'MODIFIED') => record('api-watch', kind, `pod/${name}`)

async function slices(records: readonly JournalRecord[], other?: OtherVerdict) {
  async function* stream() {
    yield* records
  }
  const found: ScenarioSlice<string[]>[] = []
  for await (const slice of scenarioSlices(stream(), listing, other)) found.push(slice)
  return found
}

describe('scenarioSlices', () => {
  it('gives each scenario its own records, after what was known of the cluster', async () => {
    clock = 0
    const found = await slices([
      pod('booting', 'ADDED'),
      record('probe', 'observed', 'the cluster boots'),
      started('a'),
      pod('first'),
      ended('a'),
      pod('between'),
      pod('booting', 'DELETED'),
      started('b'),
      pod('second'),
      ended('b', { outcome: 'violates' }),
    ])
    expect(found).toMatchObject([
      { name: 'a', startedAt: 3, endedAt: 5, at: 'at 3', verdict: { outcome: 'conforms' } },
      { name: 'b', startedAt: 8, endedAt: 10, verdict: { outcome: 'violates' } },
    ])
    expect(found.map(({ facts }) => facts)).toEqual([
      ['ADDED pod/booting', 'MODIFIED pod/first'],
      ['MODIFIED pod/first', 'MODIFIED pod/between', 'MODIFIED pod/second'],
    ])
  })

  it('gives a scenario without a verdict where the run was killed in it', async () => {
    const last = [started('a'), ended('a'), started('b'), pod('x')]
    const found = await slices(last)
    expect(found.at(-1)).toMatchObject({ name: 'b', endedAt: last.at(-1)?.t, verdict: null, facts: ['MODIFIED pod/x'] })
  })

  it('keeps repeated scenarios apart, also one that never ended', async () => {
    const found = await slices([started('a'), pod('1'), started('a'), pod('2'), ended('a'), started('a'), ended('a')])
    expect(found.map(({ verdict }) => verdict?.outcome ?? null)).toEqual([null, 'conforms', 'conforms'])
  })

  it('tells two that are open at once of every record', async () => {
    const found = await slices([started('a'), pod('1'), started('b'), pod('2'), ended('a'), pod('3'), ended('b')])
    expect(found.map(({ name, facts }) => [name, facts.length])).toEqual([
      ['a', 2],
      ['b', 3],
    ])
  })

  it('takes the verdict from elsewhere where its line is damaged', async () => {
    const verdict = sampleVerdict({ scenario: 'a', outcome: 'violates' })
    const other: OtherVerdict = (name, nth) => (name === 'a' && nth === 1 ? verdict : null)
    const found = await slices([started('a'), started('a'), started('a')], other)
    expect(found.map((slice) => slice.verdict)).toEqual([null, verdict, null])
    const broken = record('scenario', 'ended', 'a', { scenario: 'a' })
    expect(await slices([started('a'), ended('a'), started('a'), broken], other)).toMatchObject([{}, { verdict }])
  })

  it('keeps a verdict whose start is damaged', async () => {
    expect(await slices([pod('x'), ended('a')])).toMatchObject([{ name: 'a', verdict: { scenario: 'a' } }])
  })

  it('leaves out a figure that could not be measured', async () => {
    const measurements = [
      { name: 'delay', value: Number.NaN, unit: 'ms' },
      { name: 'other', value: 1, unit: 'ms' },
    ]
    const line = JSON.stringify(ended('a', { measurements }))
    // What was written by this test is a record.
    const [slice] = await slices([started('a'), JSON.parse(line) as JournalRecord])
    expect(slice?.verdict?.measurements).toEqual([{ name: 'other', value: 1, unit: 'ms' }])
  })

  it('gives each scenario that has begun exactly once, whatever becomes of the others', async () => {
    const names = fc.constantFrom('a', 'b', 'c')
    const step = fc.oneof(
      names.map((name) => ({ kind: 'started', name })),
      names.map((name) => ({ kind: 'ended', name })),
      names.map((name) => ({ kind: 'MODIFIED', name })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const records = steps.map(({ kind, name }) =>
          kind === 'started' ? started(name) : kind === 'ended' ? ended(name) : pod(name),
        )
        const found = await slices(records)
        const verdicts = steps.filter(({ kind }) => kind === 'ended')
        expect(found.filter(({ verdict }) => verdict !== null).map(({ name }) => name)).toEqual(
          verdicts.map(({ name }) => name),
        )
        expect(found.length).toBeGreaterThanOrEqual(steps.filter(({ kind }) => kind === 'started').length)
        expect(found.length).toBeLessThanOrEqual(steps.filter(({ kind }) => kind !== 'MODIFIED').length)
      }),
    )
  })
})
