import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { FilteringNode } from '../fake-nft.ts'
import { MissingCapability, NeverStruck } from './fault.ts'
import { blackholeRules, registryBlackhole } from './registry-blackhole.ts'

let cluster: FakeCluster
let nodes: [FilteringNode, FilteringNode]

beforeEach(() => {
  cluster = fakeCluster(() => 1_000)
  nodes = [new FilteringNode('cp', ['control-plane']), new FilteringNode('worker', ['worker'])]
})
afterEach(() => cluster[Symbol.asyncDispose]())

const told = (kind: string) => cluster.journal.records().find((record) => record.kind === kind)?.data

describe('registryBlackhole', () => {
  it('drops what nodes and their pods send to the registry, and shows it by a packet of each node', async () => {
    const drop = 'ip daddr 172.18.0.9 counter drop'
    await using fault = await registryBlackhole(cluster, nodes, '172.18.0.9')
    expect(nodes.map(({ rules }) => rules?.match(/(?<=hook )\w+|ip daddr .*/g))).toEqual(
      nodes.map(() => ['output', drop, 'forward', drop]),
    )
    expect(nodes[0].done).toContainEqual(expect.stringMatching(/^curl .* http:\/\/172\.18\.0\.9:80\/$/))
    expect(told('struck')).toMatchObject({
      fault: 'registry-blackhole',
      evidence: { address: '172.18.0.9', dropped: { cp: 1, worker: 1 } },
    })
    await fault.heal()
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
  })

  it('has not struck where one of the nodes lets its packet pass', async () => {
    Object.defineProperty(nodes[1], 'packets', { get: () => 0, set() {} })
    const fault = await registryBlackhole(cluster, nodes, '172.18.0.9')
    expect(told('struck')).toMatchObject({ evidence: null })
    await expect(fault.heal()).rejects.toThrow(NeverStruck)
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
  })

  it('makes it slow, which shows once somebody pulls', async () => {
    const fault = await registryBlackhole(cluster, [nodes[1]], '172.18.0.9', { rateBytesPerSecond: 1e6 })
    expect(fault.name).toBe('registry-slow')
    expect(nodes[1].done.join()).not.toContain('curl')
    expect(nodes[1].rules?.match(/ip saddr .*/g)).toEqual(
      Array(2).fill('ip saddr 172.18.0.9 limit rate over 1000000 bytes/second burst 131072 bytes counter drop'),
    )
    nodes[1].packets = 5
    await fault.heal()
    expect(told('healed')).toMatchObject({ evidence: { dropped: { worker: 5 } } })
  })

  it('has a bucket of the size that is asked for', () => {
    const { input } = blackholeRules('10.0.0.1', { rateBytesPerSecond: 1.5, burstBytes: 70_000 })
    expect(input).toEqual([expect.stringContaining('over 2 bytes/second burst 70000 bytes')])
  })

  it('needs machines that commands can be run on', async () => {
    await using other = fakeCluster(() => 0, ['containers'])
    await expect(registryBlackhole(other, nodes, '172.18.0.9')).rejects.toThrow(MissingCapability)
    expect(nodes[0].done).toEqual([])
  })
})
