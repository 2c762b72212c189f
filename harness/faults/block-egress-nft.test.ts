import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { FilteringNode } from '../fake-nft.ts'
import { KubeApiError } from '../kube/api.ts'
import { blockEgressNft, blockingRules } from './block-egress-nft.ts'
import { MissingCapability, NeverStruck } from './fault.ts'

vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }))

let cluster: FakeCluster
let nodes: [FilteringNode, FilteringNode]
let etcd: FilteringNode

beforeEach(() => {
  cluster = fakeCluster(() => 1_000)
  nodes = [new FilteringNode('cp', ['control-plane']), new FilteringNode('worker', ['worker'])]
  etcd = new FilteringNode('etcd', ['etcd'])
  Object.assign(cluster, { nodes: [...nodes, etcd] })
  const { answers } = cluster.api
  answers.set('/api/v1/nodes/cp', { metadata: metadata('cp'), spec: { podCIDRs: ['10.244.0.0/24', 'fd00::/64'] } })
  answers.set('/api/v1/nodes/worker', { metadata: metadata('worker'), spec: { podCIDRs: ['10.244.1.0/24'] } })
  answers.set('/api/v1/namespaces/default/services/kubernetes', {
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
  })
  answers.set('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    items: [
      { addressType: 'IPv4', endpoints: [{ addresses: ['172.18.0.2'] }], ports: [{ port: 6443 }] },
      { addressType: 'IPv6', endpoints: [{ addresses: ['fd01::2'] }], ports: [{ port: 6443 }] },
    ],
  })
  pods(pod('web', '10.244.1.5', 'worker'))
})
afterEach(() => cluster[Symbol.asyncDispose]())

const pod = (name: string, podIP: string, nodeName: string, hostNetwork = false) => ({
  metadata: metadata(name),
  spec: { nodeName, hostNetwork },
  status: { phase: 'Running', podIP },
})

const pods = (...items: object[]) => void cluster.api.answers.set('/api/v1/pods', { items })

const told = (kind: string) => cluster.journal.records().find((record) => record.kind === kind)?.data

describe('blockEgressNft', () => {
  it('drops what pods of the nodes send to the API servers, and shows it by a packet of a pod', async () => {
    const fault = await blockEgressNft(cluster, cluster.nodes)
    expect(nodes.map(({ rules }) => rules?.match(/ip saddr .*/g))).toEqual([
      Array(2).fill('ip saddr { 10.244.0.0/24 } ip daddr 172.18.0.2 tcp dport 6443 counter drop'),
      Array(2).fill('ip saddr { 10.244.1.0/24 } ip daddr 172.18.0.2 tcp dport 6443 counter drop'),
    ])
    expect(etcd.done).toEqual([])
    expect(told('struck')).toMatchObject({ evidence: { dropped: { cp: 0, worker: 1 }, pods: 'all' } })
    expect(await fault.evidence()).toMatchObject({ dropped: { worker: 1 } })
    await fault.heal()
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
    expect(told('healed')).toMatchObject({ evidence: { dropped: { cp: 0, worker: 1 } } })
  })

  it('hinders only the pods that are named', async () => {
    pods(pod('other', '10.244.1.4', 'worker'), pod('web', '10.244.1.5', 'worker'))
    await using fault = await blockEgressNft(cluster, [nodes[1]], { pods: ['10.244.1.5'] })
    expect(nodes[1].rules).toContain('ip saddr { 10.244.1.5 } ip daddr 172.18.0.2')
    expect(nodes[1].done.find((command) => command.includes('sh 10.244.'))).toContain('10.244.1.5')
    expect(fault.node).toBe('worker')
  })

  it('has not struck where a packet was sent that the rules of its node let pass', async () => {
    pods(pod('dns', '10.244.0.4', 'cp'), pod('web', '10.244.1.5', 'worker'))
    Object.defineProperty(nodes[1], 'packets', { get: () => 0, set() {} })
    const fault = await blockEgressNft(cluster, nodes)
    expect(told('struck')).toMatchObject({ evidence: null })
    await expect(fault.heal()).rejects.toThrow(NeverStruck)
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
  })

  it('leaves no rules behind where nobody can tell which pods there are', async () => {
    cluster.api.answers.set('/api/v1/pods', new KubeApiError('GET /api/v1/pods: no answer within 5000 ms', 0))
    await expect(blockEgressNft(cluster, nodes)).rejects.toThrow(KubeApiError)
    expect(nodes.map(({ rules }) => rules)).toEqual([null, null])
  })

  it('takes a pod that is gone meanwhile for none', async () => {
    vi.spyOn(nodes[1], 'exec').mockImplementation((command, options) => {
      if (command.join(' ').includes('sh 10.244.')) return Promise.reject(new Error('it is gone'))
      return FilteringNode.prototype.exec.call(nodes[1], command, options)
    })
    const fault = await blockEgressNft(cluster, [nodes[1]])
    expect(told('struck')).toMatchObject({ evidence: null })
    nodes[1].packets = 2
    await fault.heal()
  })

  it('waits for a packet where there is no pod to send one', async () => {
    pods(pod('proxy', '172.18.0.3', 'worker', true))
    const fault = await blockEgressNft(cluster, [nodes[1]])
    expect(told('struck')).toMatchObject({ evidence: null })
    nodes[1].packets = 3
    expect(await fault.evidence()).toEqual({ dropped: { worker: 3 } })
    await fault.heal()
  })

  it('never struck where no packet came until it was healed', async () => {
    pods()
    const fault = await blockEgressNft(cluster, [nodes[1]])
    await expect(fault.heal()).rejects.toThrow(NeverStruck)
    expect(nodes[1].rules).toBeNull()
    expect(cluster.faults).toMatchObject([{ name: 'block-egress-nft', healedAt: 1_000 }])
  })

  it('cannot tell which packets are of pods where nodes have no ranges for them', async () => {
    cluster.api.answers.set('/api/v1/nodes/worker', { metadata: metadata('worker'), spec: {} })
    await expect(blockEgressNft(cluster, [nodes[1]])).rejects.toThrow('worker has no spec.podCIDRs')
    expect(nodes[1].rules).toBeNull()
  })

  it('needs machines that commands can be run on', async () => {
    await using other = fakeCluster(() => 0, ['network-policy'])
    await expect(blockEgressNft(other, nodes)).rejects.toThrow(MissingCapability)
  })

  it('meets a server of the pod’s own node in the input hook', () => {
    const { input, forward } = blockingRules(['10.244.0.0/24'], [{ ip: '172.18.0.2', port: 6443 }])
    expect(input).toEqual(forward)
  })
})
