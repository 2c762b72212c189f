import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JournalRecord } from '../../harness/journal.ts'
import { bars, medianMilestones, milestones, waitedLastFor, waterfalls } from './waterfall.ts'

function record(t: number, source: JournalRecord['source'], kind: string, subject: string, data?: unknown) {
  return { t, at: '', source, kind, subject, data }
}

const journal: JournalRecord[] = [
  record(5, 'cluster', 'image', 'node:v1'),
  record(10, 'cluster', 'creating', 'c-1'),
  record(1_010, 'cluster', 'booted', 'node/c-1-cp'),
  record(1_020, 'engine', 'start', 'node/c-1-worker'),
  record(2_010, 'cluster', 'api', 'c-1'),
  record(2_100, 'api-watch', 'ADDED', 'node/c-1-cp', { ready: true }),
  record(2_200, 'api-watch', 'ADDED', 'node/c-1-worker', { ready: false }),
  record(2_500, 'probe', 'observed', 'c-1 is healthy', 'node c-1-worker is not Ready; pod coredns-x Running'),
  record(2_710, 'api-watch', 'MODIFIED', 'node/c-1-worker', { ready: true }),
  record(2_720, 'api-watch', 'MODIFIED', 'node/c-1-worker', { ready: false }),
  record(2_730, 'api-watch', 'MODIFIED', 'node/c-1-worker', { ready: true }),
  record(2_900, 'probe', 'observed', 'c-1 is healthy', 'healthy'),
  record(3_010, 'cluster', 'ready', 'c-1'),
  record(4_000, 'cluster', 'removing', 'c-1'),
]

describe('a start in the journal', () => {
  it('goes from creating to ready, and names its machines without their cluster', () => {
    expect(milestones(journal, 'c-1')).toEqual([
      { name: 'cp booted', afterMs: 1_000 },
      { name: 'api', afterMs: 2_000 },
      // The control plane was Ready before anybody looked.
      { name: 'worker Ready', afterMs: 2_700 },
      { name: 'ready', afterMs: 3_000 },
    ])
  })

  it('goes on to the first answer of CoreDNS where that comes later', () => {
    const later = [...journal.slice(0, -1), record(3_210, 'cluster', 'answering', 'c-1')]
    expect(milestones(later, 'c-1').at(-1)).toEqual({ name: 'answering', afterMs: 3_200 })
    const sooner = [...journal.slice(0, -2), record(3_000, 'cluster', 'answering', 'c-1'), ...journal.slice(-2)]
    expect(milestones(sooner, 'c-1').map(({ name }) => name)).toEqual([
      'cp booted',
      'api',
      'worker Ready',
      'answering',
      'ready',
    ])
  })

  it('is not told where it did not end', () => {
    expect(() => milestones(journal.slice(0, 4), 'c-1')).toThrow('does not say how c-1 came to be Ready')
    expect(() => milestones(journal, 'c-2')).toThrow('does not say how c-2 came to be Ready')
  })

  it('says what was waited for to the end', () => {
    expect(waitedLastFor(journal, 'c-1')).toBe('node worker is not Ready; pod coredns-x Running')
    expect(waitedLastFor([], 'c-1')).toBe('')
  })
})

const someMilestones = fc
  .uniqueArray(fc.record({ name: fc.string(), afterMs: fc.integer({ min: 0, max: 600_000 }) }), {
    selector: ({ name }) => name,
    minLength: 1,
  })
  .map((reached) => reached.toSorted((left, right) => left.afterMs - right.afterMs))

describe('the medians of several starts', () => {
  it('are those of the only one', () => {
    fc.assert(
      fc.property(someMilestones, (reached) => {
        expect(medianMilestones([reached])).toEqual(reached)
      }),
    )
  })

  it('are in order, whatever came first in each start', () => {
    const starts = [
      [
        { name: 'a', afterMs: 1 },
        { name: 'b', afterMs: 2 },
        { name: 'ready', afterMs: 9 },
      ],
      [
        { name: 'b', afterMs: 3 },
        { name: 'a', afterMs: 6 },
        { name: 'ready', afterMs: 7 },
      ],
      [
        { name: 'b', afterMs: 4 },
        { name: 'a', afterMs: 5 },
        { name: 'ready', afterMs: 8 },
      ],
    ]
    expect(medianMilestones(starts)).toEqual([
      { name: 'b', afterMs: 3 },
      { name: 'a', afterMs: 5 },
      { name: 'ready', afterMs: 8 },
    ])
  })
})

describe('the bars', () => {
  it('follow each other without a gap from the left to their share of the width', () => {
    fc.assert(
      fc.property(someMilestones, fc.integer({ min: 0, max: 200 }), fc.nat(600_000), (reached, width, spareMs) => {
        const lastMs = reached.at(-1)?.afterMs ?? 0
        const drawn = bars(reached, lastMs + spareMs, width)
        let end = 0
        for (const { offset, length } of drawn) {
          expect(offset).toBe(end)
          expect(length).toBeGreaterThanOrEqual(0)
          end = offset + length
        }
        expect(end).toBeLessThanOrEqual(width)
        if (spareMs === 0 && lastMs > 0) expect(end).toBe(width)
      }),
    )
  })
})

it('draws all to one scale', () => {
  const text = waterfalls([
    {
      title: 'slow',
      reached: [
        { name: 'api', afterMs: 30_000 },
        { name: 'ready', afterMs: 40_000 },
      ],
      waitedLastFor: '',
    },
    { title: 'fast', reached: [{ name: 'ready', afterMs: 20_000 }], waitedLastFor: 'x'.repeat(200) },
  ])
  const columns = text.split('\n').map((line) => line.lastIndexOf('█') - line.indexOf('█') + 1)
  expect(text).toMatch(/^ {2}api {4}30\.0 s {2}\+ 30\.0 {2}█+$/m)
  expect(text).toMatch(/^ {2}ready {2}40\.0 s {2}\+ 10\.0 {2} +█+$/m)
  expect(columns.filter((length) => length > 1)).toEqual([38, 12, 25])
  expect(text).toMatch(/waited last for: x+…$/)
})
