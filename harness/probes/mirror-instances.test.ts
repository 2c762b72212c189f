import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { fakeMirror as mirror, fakePod, withLogs, withPods } from '../fake-electorate.ts'
import { ScriptedNode } from '../fake-etcd.ts'
import { describeInstances, mirrorInstances, parsePeers, selfClaims } from './mirror-instances.ts'

it("takes other pods' ends of the peers' connections, each once", () => {
  const table = `0      0         10.244.0.8:5001   10.244.1.6:5001
0      0         10.244.0.8:40112  10.244.1.6:5001
0      0      [::ffff:10.244.0.8]:5001  [::ffff:10.244.2.9]:41000
0      0         10.244.0.8:5001   10.244.0.8:40000
0      0         10.244.0.8:55406  10.96.0.1:443
`
  expect(parsePeers(table, '10.244.0.8', 5001)).toEqual(['10.244.1.6', '10.244.2.9'])
  expect(parsePeers('', '10.244.0.8', 5001)).toEqual([])
})

describe('the instances of a mirror', () => {
  let cluster: FakeCluster
  let worker: ScriptedNode
  beforeEach(() => {
    cluster = fakeCluster(() => 0)
    worker = new ScriptedNode('fake-worker', ['worker'])
    Object.assign(cluster, { nodes: [cluster.nodes[0], worker] })
    withPods(cluster.api, fakePod('x-1'), fakePod('x-2', { ip: '', ready: false, restarts: 1 }))
  })
  afterEach(() => cluster[Symbol.asyncDispose]())

  it('have the peers that their pods are connected to; one without an address has none yet', async () => {
    worker.answers.set('sh 10.244.1.4', { stdout: '/var/run/netns/cni-1\n' })
    worker.answers.set('ss -Htn', { stdout: '0 0 10.244.1.4:40000 10.244.0.6:5001\n' })
    const found = await mirrorInstances(cluster, mirror)
    expect(found.map(({ pod, peers }) => [pod, peers])).toEqual([
      ['x-1', ['10.244.0.6']],
      ['x-2', []],
    ])
    expect(describeInstances(found)).toBe(
      'x-1 on fake-worker Ready, 1 peers; x-2 on fake-worker not Ready, 0 peers, 1 restarts',
    )
    expect(describeInstances([])).toBe('no instances')
  })

  it('are not known where a pod of them is gone meanwhile', async () => {
    await expect(mirrorInstances(cluster, mirror)).rejects.toThrow('no pod on fake-worker has the address 10.244.1.4')
  })

  it('are none where it is one server, and have no peers where they do not speak to each other', async () => {
    expect(await mirrorInstances(cluster, { ...mirror, electorate: null })).toEqual([])
    expect(await selfClaims(cluster, { ...mirror, electorate: null })).toEqual(new Map())
    expect(await mirrorInstances(cluster, { ...mirror, peerPort: null })).toMatchObject([{ peers: [] }, { peers: [] }])
  })

  it('say when they last took themselves for the leader', async () => {
    const self = 'leader is self skipping connection to bootstrap node'
    withLogs(cluster.api, {
      'x-1': [
        [1_000, self],
        [2_000, self],
        [3_000, 'failed to renew lease ns/x'],
      ],
      'x-2': [[1_000, 'attempting to acquire leader lease']],
    })
    expect(await selfClaims(cluster, mirror)).toEqual(new Map([['x-1', 2_000]]))
  })
})
