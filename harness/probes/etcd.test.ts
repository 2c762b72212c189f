import { describe, expect, it } from 'vitest'

import { fakeLayout, FakeMember, fakeMembers, listed } from '../fake-etcd.ts'
import { etcdMembers, memberHealth, membersAndStatus, memberStatus } from './etcd.ts'

const cluster = { etcd: fakeLayout }

describe('etcdMembers', () => {
  it('are the members with their ids in etcdctl’s form', async () => {
    const node = new FakeMember('etcd-1', ['etcd'], { id: '13322012572989635620' })
    node.list = [listed('13322012572989635620', 'etcd-1', 'etcd-1'), { ID: '9', peerURLs: ['p'], isLearner: true }]
    expect(await etcdMembers(cluster, node)).toEqual([
      {
        id: 'b8e14bda2255bc24',
        name: 'etcd-1',
        learner: false,
        peerUrls: ['https://etcd-1:2380'],
        clientUrls: ['https://etcd-1:2379'],
      },
      { id: '9', name: '', learner: true, peerUrls: ['p'], clientUrls: [] },
    ])
  })

  it('are asked for without quorum unless the caller wants it, with the cluster’s own certificate', async () => {
    const [node] = fakeMembers()
    await etcdMembers(cluster, node)
    await etcdMembers(cluster, node, { linearizable: true })
    expect(node.done).toEqual([
      expect.stringMatching(
        /--max-time \d+ --cacert \/pki\/ca.crt --cert \/pki\/client.crt --key \/pki\/client.key .*\{"linearizable":false\}/,
      ),
      expect.stringContaining('{"linearizable":true}'),
    ])
  })

  it('cannot be told where the member is down, the machine is off, or nobody may ask', async () => {
    const [node] = fakeMembers()
    node.state.up = false
    await expect(etcdMembers(cluster, node)).rejects.toThrow(/^etcd on etcd-1: member list: Failed to connect/)
    node.on = false
    await expect(etcdMembers(cluster, node)).rejects.toThrow(/container etcd-1 is not running/)
    node.says = new Error('no such container')
    await expect(etcdMembers(cluster, node)).rejects.toThrow('etcd on etcd-1: member list: no such container')
    await expect(etcdMembers({ etcd: null }, node)).rejects.toThrow(/cannot be asked/)
  })

  it('say what the member said instead', async () => {
    const [node] = fakeMembers()
    node.answers.set('member/list', {})
    const refused = { ...node, name: 'x', exec: () => answer('{"code":14,"message":"etcdserver: no leader"}\n503 ') }
    await expect(etcdMembers(cluster, refused)).rejects.toMatchObject({
      message: 'etcd on x: member list: 503 etcdserver: no leader',
      status: 503,
    })
    await expect(etcdMembers(cluster, { ...refused, exec: () => answer('404 page not found\n404 ') })).rejects.toThrow(
      'etcd on x: member list: 404 404 page not found',
    )
    await expect(etcdMembers(cluster, { ...refused, exec: () => answer('{"members":7}\n200 ') })).rejects.toThrow(
      /members/,
    )
  })
})

describe('memberStatus', () => {
  it('has ids in hexadecimal and counts as numbers', async () => {
    const node = new FakeMember('etcd-1', ['etcd'], { id: '255', leader: '16', index: 12_345, term: 7 })
    expect(await memberStatus(cluster, node)).toEqual({
      memberId: 'ff',
      leaderId: '10',
      raftIndex: 12_345,
      raftAppliedIndex: 12_345,
      raftTerm: 7,
      dbSizeBytes: 20_480,
      version: '3.6.5',
      learner: false,
    })
  })

  it('has no leader where the member knows of none, and says that it is a learner', async () => {
    const node = new FakeMember('etcd-1', ['etcd'], { id: '1', leader: '0', learner: true })
    expect(await memberStatus(cluster, node)).toMatchObject({ leaderId: null, learner: true })
  })
})

describe('membersAndStatus', () => {
  it('takes one process on the machine', async () => {
    const [node] = fakeMembers()
    const { members, status } = await membersAndStatus(cluster, node)
    expect(members.map(({ name }) => name)).toEqual(['etcd-1', 'etcd-2', 'etcd-3'])
    expect(status.memberId).toBe('1')
    expect(node.done).toHaveLength(1)
  })
})

describe('memberHealth', () => {
  it('is well', async () => {
    const [node] = fakeMembers()
    expect(await memberHealth(cluster, node)).toEqual({ healthy: true, serializable: true, reason: '' })
  })

  it('tells a member without quorum from one that is down, and from a machine that is off', async () => {
    const [node] = fakeMembers()
    node.state.ailment = 'RAFT NO LEADER'
    expect(await memberHealth(cluster, node)).toEqual({ healthy: false, serializable: true, reason: 'RAFT NO LEADER' })
    node.state.up = false
    expect(await memberHealth(cluster, node)).toEqual({
      healthy: false,
      serializable: false,
      reason: expect.stringMatching(/^Failed to connect .*server$/),
    })
    node.on = false
    expect(await memberHealth(cluster, node)).toMatchObject({ healthy: false, serializable: false })
  })

  it('is not well where the answer is no health', async () => {
    const exec = () => answer('proxy says hello\n502 \nproxy says hello\n502 ')
    expect(await memberHealth(cluster, { name: 'x', exec })).toEqual({
      healthy: false,
      serializable: false,
      reason: '502 proxy says hello',
    })
  })
})

function answer(stdout: string) {
  return Promise.resolve({ stdout, stderr: '', exitCode: 0, durationMs: 1 })
}
