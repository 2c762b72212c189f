import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { type FakeMember, fakeMembers, listed, withMembers } from '../fake-etcd.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { observeEtcd } from './observe-etcd.ts'

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]
let end: AbortController
let observing: Promise<void>

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
  end = new AbortController()
})
afterEach(async () => {
  end.abort()
  await observing
  await fake[Symbol.asyncDispose]()
})

const start = (nodes: readonly FakeMember[] = members) => {
  observing = observeEtcd(withMembers(fake, nodes), fake.journal, end.signal, 1)
}
const records = () =>
  fake.journal
    .records()
    .filter(({ source, kind }) => source === 'etcd' && kind !== 'index')
    .map(({ kind, subject, data }) => [kind, subject, data])
const indexes = () =>
  fake.journal
    .records()
    .filter(({ kind }) => kind === 'index')
    .map(({ subject, data }) => [subject, data])
const polls = () => members.reduce((sum, { done }) => sum + done.length, 0)
const nextPolls = async () => {
  const before = polls()
  await vi.waitFor(() => expect(polls()).toBeGreaterThan(before + 6))
}

const facts = (node: string) => ({ name: node, learner: false, node })

describe('observeEtcd', () => {
  it('writes down what changes, once', async () => {
    start()
    await nextPolls()
    expect(records()).toEqual([
      ['member', 'member/1', facts('etcd-1')],
      ['member', 'member/2', facts('etcd-2')],
      ['member', 'member/3', facts('etcd-3')],
      ['leader', 'etcd/fake', { id: '1', name: 'etcd-1', term: 2 }],
    ])
    for (const member of members) member.list = member.list.slice(0, 2)
    await nextPolls()
    expect(records().slice(4)).toEqual([['removed', 'member/3', facts('etcd-3')]])
  })

  it('writes down how far the member that it asks has got, where it has got further', async () => {
    start()
    await nextPolls()
    members[0].state.index = 140
    await nextPolls()
    members[0].on = false
    Object.assign(members[1].state, { index: 141, term: 3, leader: '3' })
    await nextPolls()
    expect(indexes()).toEqual([
      ['raft/fake', { member: '1', raftIndex: 100, term: 2, leader: '1' }],
      ['raft/fake', { member: '1', raftIndex: 140, term: 2, leader: '1' }],
      ['raft/fake', { member: '2', raftIndex: 141, term: 3, leader: '3' }],
    ])
  })

  it('asks one machine as long as it answers, and another one after that', async () => {
    start()
    await nextPolls()
    expect(members[1].done).toEqual([])
    members[0].on = false
    for (const { state } of members.slice(1)) Object.assign(state, { leader: '3', term: 3 })
    await nextPolls()
    expect(records().at(-1)).toEqual(['leader', 'etcd/fake', { id: '3', name: 'etcd-3', term: 3 }])
  })

  it('says once that nobody answers, and that there is no leader', async () => {
    start()
    await nextPolls()
    for (const { state } of members) state.leader = '0'
    await nextPolls()
    for (const { state } of members) state.up = false
    await nextPolls()
    expect(records().slice(4)).toEqual([
      ['leader', 'etcd/fake', { id: null, name: null, term: 2 }],
      ['interrupted', 'etcd/fake', expect.stringMatching(/^etcd on etcd-3: member list: Failed to connect/)],
    ])
  })

  it('asks a member that is cut off no more than the one that knows the leader', async () => {
    members[0].state.leader = '0'
    start()
    await nextPolls()
    expect(records().at(-1)).toEqual(['leader', 'etcd/fake', { id: '1', name: 'etcd-1', term: 2 }])
    expect(members[0].done).toHaveLength(1)
  })

  it('learns from the members themselves which machine each is on where URLs have addresses', async () => {
    for (const member of members) {
      member.list = members.map(({ name, state }, index) => listed(state.id, name, `10.0.0.${index}`))
    }
    start()
    await nextPolls()
    const learned = records().filter(([kind, subject]) => kind === 'member' && subject === 'member/2')
    expect(learned).toEqual([
      ['member', 'member/2', { name: 'etcd-2', learner: false, node: null }],
      ['member', 'member/2', facts('etcd-2')],
    ])
  })

  it('goes on with one command on a machine whose member answers and knows a leader', async () => {
    const [member] = members
    let say: (line: string) => void = () => undefined
    const ended = Promise.withResolvers<void>()
    const followed: ClusterNode = member
    const command = vi.spyOn(followed, 'stream').mockImplementation((_, onLine) => {
      say = onLine
      return { done: ended.promise, kill: () => ended.resolve() }
    })
    start()
    await vi.waitFor(() => expect(command).toHaveBeenCalledOnce())
    const asked = member.done.length
    const [, , , , ...words] = command.mock.calls[0]?.[0] ?? []
    const look = async () => {
      const { stdout } = await member.exec(['curl', ...words])
      for (const line of [...stdout.split('\n'), '\u001E']) say(line)
    }
    member.state.index = 140
    await look()
    expect(indexes().at(-1)?.[1]).toMatchObject({ raftIndex: 140 })
    expect(member.done).toHaveLength(asked + 1)
    member.state.leader = '0'
    await expect(look()).rejects.toThrow('etcd-1 knows no leader')
    ended.resolve()
    for (const { state } of members.slice(1)) Object.assign(state, { leader: '3', term: 3 })
    await vi.waitFor(() =>
      expect(records().at(-1)).toEqual(['leader', 'etcd/fake', { id: '3', name: 'etcd-3', term: 3 }]),
    )
  })

  it('has nothing to do where nobody can ask the members, and leaves nothing behind', async () => {
    observing = observeEtcd(fake, fake.journal, end.signal, 1)
    await expect(observing).resolves.toBeUndefined()
    start()
    await nextPolls()
    end.abort()
    await observing
    const asked = polls()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(polls()).toBe(asked)
  })
})
