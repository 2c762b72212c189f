import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { type FakeMember, fakeMembers, withMembers } from '../fake-etcd.ts'
import { EtcdError } from '../probes/etcd-gateway.ts'
import { transferLeadership } from './etcd-leadership.ts'

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
})
afterEach(() => fake[Symbol.asyncDispose]())

const asked = () => members.map(({ done }) => done.filter((command) => command.includes('transfer-leadership')))

describe('transferLeadership', () => {
  it('asks the leader itself, and names the target as the gateway has it: in decimal', async () => {
    for (const { state } of members) state.leader = '2'
    await transferLeadership(withMembers(fake, members), 'b8e14bda2255bc24')
    expect(asked()).toEqual([[], [expect.stringContaining('{"targetID":"13322012572989635620"}')], []])
  })

  it('cannot be where there is no leader, or none that answers', async () => {
    for (const { state } of members) state.leader = '0'
    await expect(transferLeadership(withMembers(fake, members), '2')).rejects.toThrow(
      new EtcdError('etcd of fake has no leader', 0),
    )
    for (const { state } of members) state.leader = '1'
    members[0].state.up = false
    await expect(transferLeadership(withMembers(fake, members), '2')).rejects.toThrow(EtcdError)
    expect(asked()).toEqual([[], [], []])
  })
})
