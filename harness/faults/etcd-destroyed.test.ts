import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { ScriptedNode, withMembers } from '../fake-etcd.ts'
import { etcdDestroyed } from './etcd-destroyed.ts'
import { MissingCapability, NoEvidence } from './fault.ts'

let fake: FakeCluster
let nodes: readonly [ScriptedNode, ScriptedNode]

beforeEach(() => {
  fake = fakeCluster(() => 0)
  nodes = [new ScriptedNode('etcd-1', ['etcd']), new ScriptedNode('etcd-2', ['etcd'])]
  for (const node of nodes) node.answers.set('du ', { stdout: '20480\t/var/lib/etcd\n' })
})
afterEach(() => fake[Symbol.asyncDispose]())

describe('etcd-destroyed', () => {
  it('stops every member, weighs its data and removes them', async () => {
    const fault = await etcdDestroyed(withMembers(fake, nodes), nodes)
    expect(fault).toMatchObject({ name: 'etcd-destroyed', node: 'etcd-1, etcd-2' })
    const steps = ['systemctl stop etcd', 'du --summarize --bytes /var/lib/etcd', 'rm -r /var/lib/etcd']
    for (const { done } of nodes) expect(done).toEqual(steps)
    expect(fake.journal.records().find(({ kind }) => kind === 'struck')?.data).toMatchObject({
      evidence: [
        { node: 'etcd-1', destroyedBytes: 20_480 },
        { node: 'etcd-2', destroyedBytes: 20_480 },
      ],
    })
  })

  it('heals nothing: that is what a snapshot is for', async () => {
    const fault = await etcdDestroyed(withMembers(fake, nodes), nodes)
    await fault.heal()
    for (const { done } of nodes) expect(done).toHaveLength(3)
  })

  it.each(['0\t/var/lib/etcd\n', ''])('is no fault where a member had no data: du said %j', async (stdout) => {
    nodes[1].answers.set('du ', { stdout })
    await expect(etcdDestroyed(withMembers(fake, nodes), nodes)).rejects.toThrow(NoEvidence)
  })

  it('needs an etcd that is a unit of its own', async () => {
    await using other = fakeCluster(() => 0, ['etcd-access'])
    await expect(etcdDestroyed(withMembers(other, nodes), nodes)).rejects.toThrow(MissingCapability)
    for (const { done } of nodes) expect(done).toEqual([])
  })
})
