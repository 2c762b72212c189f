import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { foldEtcd } from './etcd.ts'
import { anyRecords, folded, record } from './sample-records.ts'

const member = (t: number, id: string, name: string, learner = false) =>
  record(t, 'etcd', 'member', `member/${id}`, { name, learner, node: name === '' ? null : name })
const leader = (t: number, id: string | null, term: number) =>
  record(t, 'etcd', 'leader', 'etcd/c', { id, name: null, term })
const index = (t: number, raftIndex: number, id: string | null = 'm1', term = 2) =>
  record(t, 'etcd', 'index', 'raft/c', { member: 'm1', raftIndex, term, leader: id })
const batch = (t: number, from: number, to: number) =>
  record(t, 'traffic', 'acknowledged', 'write-1000', { writes: 10, from, to })

describe('foldEtcd', () => {
  it('follows members from what was known before to the end of the scenario', () => {
    const facts = folded(
      foldEtcd,
      [
        member(100, 'm1', 'etcd-1'),
        member(100, 'm2', 'etcd-2'),
        record(2_000, 'etcd', 'removed', 'member/m1', {}),
        record(3_000, 'cluster', 'added', 'member/m3', { learner: true, machine: 'etcd-3' }),
        member(4_000, 'm3', '', true),
        member(5_000, 'm3', 'etcd-3'),
      ],
      { endedAt: 6_000 },
    )
    expect(facts.eventful).toBe(true)
    expect(facts.members).toEqual([
      { id: 'm1', names: ['etcd-1'], machine: 'etcd-1', spans: [{ from: 1_000, to: 2_000, role: 'voter' }] },
      { id: 'm2', names: ['etcd-2'], machine: 'etcd-2', spans: [{ from: 1_000, to: 6_000, role: 'voter' }] },
      {
        id: 'm3',
        names: ['etcd-3'],
        machine: 'etcd-3',
        spans: [
          { from: 3_000, to: 5_000, role: 'learner' },
          { from: 5_000, to: 6_000, role: 'voter' },
        ],
      },
    ])
  })

  it('forgets a member that was gone before the scenario', () => {
    const facts = folded(foldEtcd, [member(100, 'm1', 'a'), record(200, 'etcd', 'removed', 'member/m1', {})])
    expect(facts.members).toEqual([])
    expect(facts.eventful).toBe(false)
  })

  it('follows the leader, from either kind of record, and never back to an earlier term', () => {
    const { leaders, index: points } = folded(
      foldEtcd,
      [
        index(500, 10),
        index(1_500, 20),
        leader(2_000, null, 2),
        leader(2_500, null, 5),
        leader(3_000, 'm2', 6),
        index(3_500, 25, 'm1', 2),
        index(4_000, 30, 'm2', 6),
        index(5_000, 40, 'm2', 7),
      ],
      { endedAt: 6_000 },
    )
    expect(leaders).toEqual([
      { from: 1_000, to: 2_000, id: 'm1', term: 2 },
      { from: 2_000, to: 3_000, id: null, term: 2 },
      { from: 3_000, to: 5_000, id: 'm2', term: 6 },
      { from: 5_000, to: 6_000, id: 'm2', term: 7 },
    ])
    expect(points.map(({ raftIndex }) => raftIndex)).toEqual([20, 25, 30, 40])
  })

  it('has the gaps between acknowledged writes, and faults as windows', () => {
    const { writes, faults, unanswered } = folded(foldEtcd, [
      record(1_100, 'fault', 'injecting', 'node/a, b', { fault: 'etcd-stop' }),
      batch(2_100, 1_000, 1_990),
      record(2_150, 'etcd', 'interrupted', 'etcd/c', 'no answer'),
      record(2_200, 'fault', 'struck', 'node/a, b', { fault: 'etcd-stop' }),
      batch(3_000, 2_100, 2_900),
      record(5_000, 'traffic', 'write-failed', 'write-1000-7', 'no answer'),
      record(5_100, 'traffic', 'read-failed', 'reader', 'no answer'),
      record(7_000, 'fault', 'healed', 'node/a, b', { fault: 'etcd-stop' }),
      batch(9_000, 7_500, 8_400),
      record(10_400, 'traffic', 'write-failed', 'write-1000-17', 'no answer'),
    ])
    expect(writes).toEqual({
      acknowledged: [
        { from: 1_000, to: 2_900, writes: 20 },
        { from: 7_500, to: 8_400, writes: 10 },
      ],
      gaps: [
        { from: 2_900, to: 7_500 },
        { from: 8_400, to: 10_400 },
      ],
      failedWrites: [5_000, 10_400],
      failedReads: [5_100],
      failed: { writes: 2, reads: 1 },
    })
    expect(unanswered).toEqual([2_150])
    expect(faults).toEqual([{ name: 'etcd-stop', on: ['a', 'b'], from: 1_100, struckAt: 2_200, to: 7_000 }])
  })

  it('takes any record, and spans that lie within the scenario come out of it', () => {
    fc.assert(
      fc.property(anyRecords, fc.integer({ min: 1_000, max: 90_000 }), (records, endedAt) => {
        const { members, leaders } = folded(foldEtcd, records, { endedAt })
        for (const { from, to } of [...leaders, ...members.flatMap(({ spans }) => spans)]) {
          expect(from).toBeGreaterThanOrEqual(1_000)
          expect(to).toBeGreaterThan(from)
          expect(to).toBeLessThanOrEqual(endedAt)
        }
      }),
    )
  })

  it('keeps a bounded number of everything, and the last index', () => {
    const scenario = foldEtcd({ name: 's', startedAt: 0 })
    for (let t = 0; t < 20_000; t += 1) {
      scenario.take(index(t * 10, t, `m${t}`, t))
      scenario.take(member(t * 10, `m${t % 500}`, `n${t}`, t % 2 === 0))
      scenario.take(batch(t * 10_000, t * 10_000, t * 10_000 + 5))
      scenario.take(record(t, 'traffic', 'write-failed', `write-1-${t}`))
      scenario.take(record(t, 'fault', 'injecting', `node/${t}`, { fault: 'reboot' }))
    }
    const facts = scenario.end({ endedAt: 300_000, verdict: null })
    expect(JSON.stringify(facts).length).toBeLessThan(400_000)
    expect(facts.index.at(-1)?.raftIndex).toBe(19_999)
  })
})
