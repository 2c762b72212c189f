import { describe, expect, it } from 'vitest'

import type { JournalRecord, JournalSource } from '../harness/journal.ts'
import { beginWork, reduceWork, type Work } from './live-view-work.ts'

type Entry = readonly [t: number, source: JournalSource, kind: string, subject: string, data?: unknown]

function after(...entries: Entry[]): Work {
  return entries.reduce((work, [t, source, kind, subject, data]) => {
    const record: JournalRecord = { t, at: '', source, kind, subject, ...(data === undefined ? {} : { data }) }
    return reduceWork(work, record)
  }, beginWork(0))
}

const building: Entry[] = [
  [10, 'cluster', 'starting', 'kind'],
  [100, 'cluster', 'creating', 'kind-a1'],
  [200, 'cluster', 'booted', 'node/kind-a1-worker'],
]
const ready: Entry[] = [...building, [900, 'cluster', 'joined', 'kind-a1'], [1_000, 'cluster', 'ready', 'kind-a1']]
const running: Entry[] = [...ready, [1_100, 'scenario', 'started', 'recovery.power-cut']]

describe('the work at a cluster', () => {
  it('begins with building it, says how far that is, and ends with its health', () => {
    expect(after(...building)).toMatchObject({ cluster: 'kind-a1', phase: 'starting', step: 'booted kind-a1-worker' })
    expect(after(...ready.slice(0, -1))).toMatchObject({ phase: 'settling', since: 900, step: '' })
    expect(after(...ready)).toMatchObject({ phase: 'idle', upAfterMs: 990 })
  })

  it('is a scenario until that has ended, and then the removal', () => {
    expect(after(...running)).toMatchObject({
      phase: 'scenario',
      scenario: { name: 'recovery.power-cut', since: 1_100 },
    })
    expect(after(...running, [2_000, 'scenario', 'ended', 'recovery.power-cut'])).toMatchObject({
      phase: 'idle',
      scenario: null,
    })
    expect(after(...running, [2_000, 'cluster', 'removing', 'kind-a1'])).toMatchObject({ phase: 'removing' })
  })

  it('does not go back to the start where a machine joins in a scenario', () => {
    const joining = after(...running, [1_200, 'cluster', 'joining', 'node/kind-a1-joining-2'])
    expect(joining).toMatchObject({ phase: 'scenario', step: 'joining kind-a1-joining-2' })
    expect(after(...running, [1_300, 'cluster', 'joined', 'kind-a1'])).toMatchObject({ phase: 'scenario', step: '' })
  })

  it('has failed where the cluster has, unless it was gone by then', () => {
    expect(after(...building, [300, 'cluster', 'failed', 'kind', 'no engine']).phase).toBe('failed')
    expect(after(...ready, [2_000, 'cluster', 'removed', 'kind-a1'], [2_001, 'cluster', 'failed', 'kind']).phase).toBe(
      'removed',
    )
  })
})

describe('a fault', () => {
  const cut = { fault: 'power-cut' }
  const struck: Entry[] = [
    ...running,
    [1_200, 'fault', 'injecting', 'node/kind-a1-worker', cut],
    [1_300, 'fault', 'struck', 'node/kind-a1-worker', { ...cut, evidence: {} }],
  ]

  it('is in effect from when it struck until it is healed', () => {
    expect(after(...struck).faults).toEqual([
      { name: 'power-cut', on: 'kind-a1-worker', state: 'struck', since: 1_300 },
    ])
    expect(after(...struck, [1_400, 'fault', 'healing', 'node/kind-a1-worker', cut]).faults[0]?.state).toBe('healing')
    expect(after(...struck, [1_500, 'fault', 'healed', 'node/kind-a1-worker', cut]).faults).toEqual([])
  })

  it('ends with its scenario at the latest', () => {
    expect(after(...struck, [2_000, 'scenario', 'ended', 'recovery.power-cut']).faults).toEqual([])
  })

  it('that is another one of another node stays', () => {
    const other = after(...struck, [1_500, 'fault', 'healed', 'node/kind-a1-worker2', cut])
    expect(other.faults).toHaveLength(1)
  })
})

describe('a wait', () => {
  const wait = { name: 'Ready again', budget: '60 s = objective', withinMs: 60_000, since: 1_200 }
  const waiting: Entry[] = [...running, [1_210, 'expectation', 'waiting', 'Ready again', wait]]

  it('goes on until it is met or missed, with what was seen last', () => {
    const seen: Entry[] = [...waiting, [1_300, 'probe', 'observed', 'Ready again', 'NotReady']]
    expect(after(...seen).waits).toEqual([
      { name: 'Ready again', withinMs: 60_000, since: 1_200, expected: true, seen: 'NotReady' },
    ])
    expect(after(...seen, [1_400, 'expectation', 'met', 'Ready again', wait]).waits).toEqual([])
    expect(after(...seen, [1_400, 'expectation', 'missed', 'Ready again', wait]).waits).toEqual([])
  })

  it('of the harness itself is told apart, and the last one begun comes last', () => {
    const both = after(...waiting, [1_300, 'probe', 'waiting', 'agents answer', { ...wait, since: 1_300 }])
    expect(both.waits.map(({ name, expected }) => [name, expected])).toEqual([
      ['Ready again', true],
      ['agents answer', false],
    ])
  })

  it('that cannot be read is none', () => {
    expect(after(...running, [1_210, 'expectation', 'waiting', 'Ready again', { since: 'soon' }]).waits).toEqual([])
  })
})
