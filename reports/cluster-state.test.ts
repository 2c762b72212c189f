import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JournalRecord, JournalSource } from '../harness/journal.ts'
import { ClusterState } from './cluster-state.ts'

const record = (source: JournalSource, kind: string, subject: string, t = 0): JournalRecord => ({
  t,
  at: '',
  source,
  kind,
  subject,
})

function stateOf(records: readonly JournalRecord[], most?: number): JournalRecord[] {
  const state = new ClusterState(most)
  for (const each of records) state.take(each)
  return [...state.records()]
}

describe('ClusterState', () => {
  it('keeps the last record of each source and subject, in their order', () => {
    const added = record('api-watch', 'ADDED', 'pod/a')
    const started = record('engine', 'start', 'node/a')
    const changed = record('api-watch', 'MODIFIED', 'pod/a')
    expect(stateOf([added, started, changed])).toEqual([started, changed])
  })

  it('keeps nothing of what is gone, healed, or no state', () => {
    expect(
      stateOf([
        record('api-watch', 'ADDED', 'pod/a'),
        record('api-watch', 'DELETED', 'pod/a'),
        record('fault', 'struck', 'node/a'),
        record('fault', 'healed', 'node/a'),
        record('api-watch', 'interrupted', '/api/v1/pods'),
        record('probe', 'observed', 'it is well'),
        record('traffic', 'lost', 'http://10.0.0.1'),
      ]),
    ).toEqual([])
  })

  it('forgets a cluster that was removed', () => {
    const next = record('cluster', 'creating', 'split')
    expect(stateOf([record('engine', 'start', 'node/a'), record('cluster', 'removed', 'kind'), next])).toEqual([next])
  })

  it('never holds more than it may, and drops what it heard of longest ago', () => {
    const some = fc.array(fc.nat(20).map((n) => record('api-watch', 'MODIFIED', `pod/${n}`)))
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 10 }), (records, most) => {
        const subjects = [...new Set(records.map(({ subject }) => subject).toReversed())].slice(0, most)
        expect(stateOf(records, most).map(({ subject }) => subject)).toEqual(subjects.toReversed())
      }),
    )
  })
})
