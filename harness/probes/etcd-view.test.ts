import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fakeLayout, fakeMembers } from '../fake-etcd.ts'
import type { MemberStatus } from './etcd.ts'
import { agreedLeader, describeView, etcdView, hasQuorum, indexSpread } from './etcd-view.ts'

function status(changes: Partial<MemberStatus>): MemberStatus {
  const base = { memberId: '1', leaderId: '1', raftIndex: 5, raftAppliedIndex: 5, raftTerm: 2, dbSizeBytes: 1 }
  return { ...base, version: '3.6.5', learner: false, ...changes }
}

/** Members with ids 1 to n, whose answers are arbitrary. */
const members = fc
  .array(
    fc.option(
      fc.record({
        leaderId: fc.option(fc.constantFrom('1', '2', '3')),
        raftTerm: fc.integer({ min: 1, max: 2 }),
        learner: fc.boolean(),
      }),
    ),
    { maxLength: 7 },
  )
  .map((said) =>
    said.map((changes, index) => ({
      status: changes === null ? null : status({ ...changes, memberId: String(index + 1) }),
    })),
  )

describe('hasQuorum', () => {
  it('needs an answer from more than half of the voters', () => {
    fc.assert(
      fc.property(members, (all) => {
        const voters = all.filter((member) => member.status?.learner !== true)
        const answers = voters.filter((member) => member.status !== null)
        expect(hasQuorum(all) && answers.length * 2 <= voters.length).toBe(false)
      }),
    )
  })

  it('is there where all voters agree on one of them, whatever learners say', () => {
    const everyone = fc.integer({ min: 1, max: 7 })
    fc.assert(
      fc.property(everyone, members, (count, others) => {
        const voters = Array.from({ length: count }, (_, index) => ({
          status: status({ memberId: `v${index}`, leaderId: 'v0' }),
        }))
        const learners = others.flatMap((member) =>
          member.status === null ? [] : [{ status: { ...member.status, learner: true } }],
        )
        expect(hasQuorum([...voters, ...learners])).toBe(true)
      }),
    )
  })

  it('does not depend on the order, and one silent voter more never makes it', () => {
    fc.assert(
      fc.property(members, (all) => {
        expect(hasQuorum(all.toReversed())).toBe(hasQuorum(all))
        if (!hasQuorum(all)) expect(hasQuorum([...all, { status: null }])).toBe(false)
      }),
    )
  })

  it('is not there where followers still name a leader that is gone, or terms differ', () => {
    const follower = (memberId: string, raftTerm = 2) => ({ status: status({ memberId, raftTerm }) })
    expect(hasQuorum([{ status: null }, follower('2'), follower('3')])).toBe(false)
    expect(agreedLeader([{ status: null }, follower('2'), follower('3')])).toBe('1')
    expect(hasQuorum([follower('1', 2), follower('2', 3), { status: null }])).toBe(false)
  })
})

describe('indexSpread', () => {
  const indexes = fc.array(fc.nat(1e9), { minLength: 1 })

  it('is the distance between two of them, and no two are further apart', () => {
    fc.assert(
      fc.property(indexes, (all) => {
        const spread = indexSpread(all) ?? -1
        expect(all.some((low) => all.includes(low + spread))).toBe(true)
        for (const one of all) for (const other of all) expect(Math.abs(one - other)).toBeLessThanOrEqual(spread)
      }),
      { numRuns: 50 },
    )
  })

  it('does not change where all move on alike', () => {
    fc.assert(
      fc.property(indexes, fc.nat(1e6), (all, by) => {
        expect(indexSpread(all.map((index) => index + by))).toBe(indexSpread(all))
      }),
    )
  })

  it('is nothing of nothing', () => {
    expect(indexSpread([])).toBeNull()
  })
})

describe('etcdView', () => {
  it('has every member, the leader and how far they are apart', async () => {
    const nodes = fakeMembers()
    nodes[2].state.index = 90
    const view = await etcdView({ etcd: fakeLayout, nodes })
    expect(view).toMatchObject({ leader: '1', quorum: true, indexSpread: 10 })
    expect(view.members.map(({ node }) => node)).toEqual(['etcd-1', 'etcd-2', 'etcd-3'])
    expect(describeView(view)).toBe('3 of 3 members answer, leader 1')
  })

  it('keeps why a member does not answer', async () => {
    const nodes = fakeMembers()
    nodes[0].on = false
    nodes[1].state.leader = '0'
    nodes[2].state.up = false
    const view = await etcdView({ etcd: fakeLayout, nodes })
    expect(view).toMatchObject({ leader: null, quorum: false, indexSpread: 0 })
    expect(view.members[0]).toEqual({ node: 'etcd-1', status: null, error: expect.stringMatching(/not running/) })
    expect(describeView(view)).toMatch(/^1 of 3 members answer, no leader; etcd-1: .*; etcd-3: /)
  })
})
