import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { fakeLayout, type FakeMember, fakeMembers, listed, withMembers } from '../fake-etcd.ts'
import { MissingCapability } from '../faults/fault.ts'
import { restoreSnapshot, saveSnapshot } from './etcd-snapshot.ts'

const file = '/var/lib/clusterproof/snapshot.db'
const content = Buffer.from('a snapshot').toString('base64')

let fake: FakeCluster
let members: readonly [FakeMember, FakeMember, FakeMember]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  members = fakeMembers()
  members[0].answers.set('base64', { stdout: `${content}\n` })
})
afterEach(() => fake[Symbol.asyncDispose]())

describe('saveSnapshot', () => {
  it('saves what the member on that machine has, as its client, and takes it along', async () => {
    const snapshot = await saveSnapshot(withMembers(fake, members), members[0])
    expect(snapshot).toMatchObject({ content, bytes: 'a snapshot'.length })
    expect(members[0].done.slice(0, 3)).toEqual([
      'mkdir -p /var/lib/clusterproof',
      'etcdctl --endpoints=https://127.0.0.1:2379 --cacert=/pki/ca.crt --cert=/pki/client.crt ' +
        `--key=/pki/client.key snapshot save ${file}`,
      `base64 --wrap=0 ${file}`,
    ])
    for (const { done } of members.slice(1)) expect(done).toEqual([])
  })

  it('remembers every member as the majority knows it, with its machine', async () => {
    // A member's name may be another one than its machine's: the peer URL tells.
    for (const member of members) member.list = [...member.list.slice(0, 2), listed('3', 'made-up', 'etcd-3')]
    const snapshot = await saveSnapshot(withMembers(fake, members), members[0])
    expect(snapshot.members).toEqual([
      { node: members[0], name: 'etcd-1', peerUrl: 'https://etcd-1:2380' },
      { node: members[1], name: 'etcd-2', peerUrl: 'https://etcd-2:2380' },
      { node: members[2], name: 'made-up', peerUrl: 'https://etcd-3:2380' },
    ])
    expect(members[0].done.at(-1)).toContain('{"linearizable":true}')
  })

  it('fails where a member is on no machine of the cluster', async () => {
    members[0].list = [...members[0].list, listed('4', 'etcd-4', 'etcd-4')]
    await expect(saveSnapshot(withMembers(fake, members), members[0])).rejects.toThrow(
      'no machine has the member etcd-4 at https://etcd-4:2380',
    )
  })
})

describe('restoreSnapshot', () => {
  const restored = async () => {
    const cluster = withMembers(fake, members)
    const snapshot = await saveSnapshot(cluster, members[0])
    for (const { done } of members) done.splice(0)
    const exec = members.map((member) => vi.spyOn(member, 'exec'))
    await restoreSnapshot(cluster, snapshot)
    return exec
  }

  it('makes one new cluster of it: each member with its own name and all the others', async () => {
    await restored()
    const all = 'etcd-1=https://etcd-1:2380,etcd-2=https://etcd-2:2380,etcd-3=https://etcd-3:2380'
    for (const { name, done } of members) {
      expect(done[1]).toBe(
        `etcdutl snapshot restore ${file} --name=${name} --initial-cluster=${all} ` +
          `--initial-cluster-token=restored-fake --initial-advertise-peer-urls=https://${name}:2380 ` +
          '--data-dir=/var/lib/etcd --bump-revision=1000000000 --mark-compacted',
      )
    }
  })

  it('brings the snapshot to every machine before it is restored there', async () => {
    const exec = await restored()
    for (const { mock } of exec) {
      expect(mock.calls[0]).toEqual([
        ['sh', '-c', expect.stringContaining('base64 -d'), file],
        expect.objectContaining({ input: content }),
      ])
    }
  })

  it('starts no member before all of them are restored', async () => {
    const order: string[] = []
    for (const member of members) {
      const exec = member.exec.bind(member)
      vi.spyOn(member, 'exec').mockImplementation(async (command) => {
        // One machine is slow.
        if (command[0] === 'etcdutl' && member === members[2])
          await new Promise((resolve) => void setImmediate(resolve))
        order.push(command[0])
        return exec(command)
      })
    }
    await restored()
    expect(order.filter((program) => program === 'etcdutl' || program === 'systemctl')).toEqual([
      ...Array.from({ length: 3 }, () => 'etcdutl'),
      ...Array.from({ length: 3 }, () => 'systemctl'),
    ])
    expect(members.map(({ done }) => done.at(-1))).toEqual(members.map(() => 'systemctl start --no-block etcd'))
    expect(fake.journal.records().at(-1)).toMatchObject({
      kind: 'restored',
      data: { members: ['etcd-1', 'etcd-2', 'etcd-3'] },
    })
  })
})

describe.each([
  ['that nobody can ask', null],
  ['whose members are pods', { ...fakeLayout, unit: null }],
])('an etcd %s', (_, etcd) => {
  it('is neither saved nor restored', async () => {
    const cluster = { ...withMembers(fake, members), etcd }
    await expect(saveSnapshot(cluster, members[0])).rejects.toThrow(MissingCapability)
    await expect(restoreSnapshot(cluster, { content, bytes: 1, members: [] })).rejects.toThrow(MissingCapability)
    for (const { done } of members) expect(done).toEqual([])
  })
})
