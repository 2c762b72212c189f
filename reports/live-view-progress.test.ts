import { describe, expect, it } from 'vitest'

import type { JournalRecord } from '../harness/journal.ts'
import { ProgressLines } from './live-view-progress.ts'
import { beginWork, reduceWork, type Work } from './live-view-work.ts'

const journal = 'recovery.power-cut-abcd1234.jsonl'

/** What is said of each record in turn. */
function said(...records: Omit<JournalRecord, 'at'>[]): string[] {
  const progress = new ProgressLines()
  let work = beginWork(0)
  return records.flatMap((entry) => {
    const record = { ...entry, at: '' }
    work = reduceWork(work, record)
    return progress.take(journal, record, work).map(({ word, text }) => `${word}: ${text}`)
  })
}

const up = [
  { t: 1_000, source: 'cluster', kind: 'creating', subject: 'kind-a1' },
  { t: 47_900, source: 'cluster', kind: 'ready', subject: 'kind-a1' },
  { t: 48_000, source: 'scenario', kind: 'started', subject: 'recovery.storm' },
] as const
const struck = {
  t: 50_000,
  source: 'fault',
  kind: 'struck',
  subject: 'node/kind-a1-worker',
  data: { fault: 'reboot' },
} as const

describe('progress', () => {
  it('is that a cluster is up, and that a fault struck', () => {
    expect(said(...up, struck)).toEqual([
      'cluster up: kind-a1  after 47.9 s',
      'fault struck: reboot on kind-a1-worker, in recovery.storm',
    ])
  })

  it('is said once of a storm, and again in the next scenario', () => {
    const again = { t: 60_000, source: 'scenario', kind: 'started', subject: 'recovery.power-cut' } as const
    expect(said(...up, struck, struck, struck, again, struck)).toHaveLength(3)
  })
})

describe('a wait', () => {
  const wait = { name: 'Ready again', withinMs: 60_000, since: 10_000, expected: true, seen: 'NotReady' }
  const works = (changes: Partial<typeof wait> = {}): ReadonlyMap<string, Work> =>
    new Map([[journal, { ...beginWork(0), waits: [{ ...wait, ...changes }] }]])

  it('is worth a line at half of its budget, and when that is nearly used up', () => {
    const progress = new ProgressLines()
    const lines = [20_000, 39_999, 40_000, 41_000, 63_999, 64_000, 65_000, 71_000].map((now) =>
      progress.waiting(works(), now).map(({ text }) => text),
    )
    expect(lines.flat()).toEqual([
      'Ready again: 30 s of 1 min; last seen: NotReady',
      'Ready again: 54 s of 1 min; last seen: NotReady',
    ])
  })

  it('is worth none where it is short', () => {
    expect(new ProgressLines().waiting(works({ withinMs: 15_000 }), 24_000)).toEqual([])
    expect(new ProgressLines().waiting(works({ withinMs: 0 }), 24_000)).toEqual([])
  })
})
