import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { JournalRecord } from '../journal.ts'
import { etcdChanges, type EtcdPicture, latest, type MemberFacts, memberNames, nothingSeen } from './etcd-changes.ts'

const id = fc.constantFrom('a', 'b', 'c', 'd')
const facts = fc.record({
  name: fc.constantFrom('', 'm1', 'm2'),
  learner: fc.boolean(),
  node: fc.option(fc.constantFrom('n1', 'n2')),
})
const leader = fc.record({ id: fc.option(id), name: fc.option(fc.constantFrom('m1', 'm2')), term: fc.nat(3) })
const pictures = fc
  .record({ members: fc.array(fc.tuple(id, facts)), leader: fc.option(leader) })
  .map((seen): EtcdPicture => ({ members: new Map(seen.members), leader: seen.leader }))

const one: MemberFacts = { name: 'm1', learner: false, node: 'n1' }

describe('etcdChanges', () => {
  it('are none where nothing changed', () => {
    fc.assert(
      fc.property(pictures, (seen) => {
        expect(etcdChanges(seen, seen)).toEqual([])
      }),
    )
  })

  it('make the later members out of the earlier ones', () => {
    fc.assert(
      fc.property(pictures, pictures, (before, after) => {
        const members = new Map(before.members)
        for (const change of etcdChanges(before, after)) {
          if (change.kind === 'member') members.set(change.id, change.data)
          if (change.kind === 'removed') members.delete(change.id)
        }
        expect(members.size).toBe(after.members.size)
        for (const [member, data] of after.members) expect(members.get(member)).toEqual(data)
      }),
    )
  })

  it('tell of a member that comes, is promoted, loses its name for a moment, and goes', () => {
    const steps: [string, MemberFacts][][] = [
      [['a', { ...one, name: '', learner: true }]],
      [['a', { ...one, learner: true }]],
      [['a', one]],
      [],
    ]
    let before = nothingSeen
    const kinds = steps.flatMap((members) => {
      const after: EtcdPicture = { members: new Map(members), leader: null }
      const changes = etcdChanges(before, after)
      before = after
      return changes
    })
    expect(kinds).toEqual([
      { kind: 'member', id: 'a', data: { name: '', learner: true, node: 'n1' } },
      { kind: 'member', id: 'a', data: { name: 'm1', learner: true, node: 'n1' } },
      { kind: 'member', id: 'a', data: one },
      { kind: 'removed', id: 'a', data: one },
    ])
  })

  it('tell of a leader that is lost, found again, or elected anew, and not of an earlier term', () => {
    const led = (leaderId: string | null, term: number): EtcdPicture => ({
      members: new Map(),
      leader: { id: leaderId, name: leaderId, term },
    })
    const count = (before: EtcdPicture, after: EtcdPicture) => etcdChanges(before, after).length
    expect(count(nothingSeen, led('a', 2))).toBe(1)
    expect(count(led('a', 2), led(null, 2))).toBe(1)
    expect(count(led(null, 2), led(null, 3))).toBe(0)
    expect(count(led('a', 2), led('a', 3))).toBe(1)
    expect(count(led('b', 3), led('a', 2))).toBe(0)
    expect(latest(led('b', 3), led('a', 2)).leader).toMatchObject({ id: 'b', term: 3 })
  })
})

describe('memberNames', () => {
  const record = (subject: string, data: unknown, kind = 'member'): JournalRecord => ({
    t: 1,
    at: '2026-01-01T00:00:00.000Z',
    source: 'etcd',
    kind,
    subject,
    data,
  })

  it('are the names that a member was ever seen with, by its id', () => {
    const records = [
      record('member/a', one),
      record('member/b', { ...one, name: '' }),
      record('member/a', { ...one, name: '' }),
      record('member/a', one),
      record('member/a', { ...one, name: 'final' }),
      record('member/a', { ...one, name: 'gone' }, 'removed'),
      { ...record('member/a', { ...one, name: 'other' }), source: 'probe' as const },
    ]
    expect(memberNames(records)).toEqual(
      new Map([
        ['a', ['m1', 'final']],
        ['b', []],
      ]),
    )
  })
})
