import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { NoEvidence } from '../faults/fault.ts'
import { policyEnforced, policyEnforcement } from './policy-enforcement.ts'
import { tcpFromPod } from './tcp-packet.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))
vi.mock('./tcp-packet.ts', { spy: true })

const passed = { passed: true, said: '' }
const lost = { passed: false, said: 'Could not connect to server' }

let cluster: FakeCluster
/** What there is, by its path; a namespace's objects go with it. */
let objects: Set<string>
let enforces: 'nothing' | 'policies' | 'everything'

beforeEach(() => {
  vi.resetAllMocks()
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  objects = new Set()
  enforces = 'policies'
  const { api } = cluster
  api.answers.set('/apis/apps/v1/namespaces/kube-system/deployments/coredns', {
    spec: { template: { spec: { containers: [{ image: 'coredns' }] } } },
  })
  vi.spyOn(api, 'apply').mockImplementation(async (path) => {
    objects.add(path)
    const list = /^.*\/pods(?=\/)/.exec(path)?.[0]
    if (list !== undefined) api.answers.set(list, { items: ['selected', 'control'].map(readyPod) })
  })
  vi.spyOn(api, 'delete').mockImplementation(async (path) => {
    // A namespace's objects go with it.
    for (const own of objects) if (own.includes(path.replace('/api/v1/', ''))) objects.delete(own)
  })
  vi.mocked(tcpFromPod).mockImplementation(async (_, ip) => {
    const policed = [...objects].some((path) => path.includes('networkpolicies'))
    if (!policed || enforces === 'nothing') return passed
    return enforces === 'everything' || ip === '10.244.0.8' ? lost : passed
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const readyPod = (name: string) => ({
  metadata: metadata(name),
  status: { conditions: [{ type: 'Ready', status: 'True' }], podIP: `10.244.0.${name.length}` },
})

describe('policyEnforcement', () => {
  it('holds back what a policy forbids, and nothing else', async () => {
    expect(await policyEnforcement(cluster)).toEqual({
      enforced: true,
      node: 'fake-worker',
      before: passed,
      under: lost,
      control: passed,
      tookMs: 0,
    })
    const from = vi.mocked(tcpFromPod).mock.calls.map(([node, ip, to]) => [node.name, ip, to])
    expect(from).toEqual([
      ['fake-worker', '10.244.0.8', { ip: '10.244.0.7', port: 8080 }],
      ['fake-worker', '10.244.0.8', { ip: '10.244.0.7', port: 8080 }],
      ['fake-control-plane', '10.244.0.7', { ip: '10.244.0.8', port: 8080 }],
    ])
  })

  it('looks at the node that it is asked for', async () => {
    expect(await policyEnforced(cluster, { on: cluster.nodes[0] })).toMatchObject({ node: 'fake-control-plane' })
  })

  it('leaves nothing behind', async () => {
    await policyEnforcement(cluster)
    vi.mocked(tcpFromPod).mockRejectedValue(new Error('the pod is gone'))
    await expect(policyEnforcement(cluster)).rejects.toThrow('the pod is gone')
    expect([...objects]).toEqual([])
  })

  it('is not there where a packet passes that must not', async () => {
    enforces = 'nothing'
    expect(await policyEnforcement(cluster)).toMatchObject({ enforced: false, under: passed, tookMs: null })
    await expect(policyEnforced(cluster)).rejects.toThrow(NoEvidence)
    await expect(policyEnforced(cluster)).rejects.toThrow(
      /^NetworkPolicy is not enforced on fake-worker: a packet that a policy forbids passes/,
    )
  })

  it('is not there where everything is lost', async () => {
    enforces = 'everything'
    await expect(policyEnforced(cluster)).rejects.toThrow('packets that no policy forbids are lost too')
  })

  it('cannot be told where the pods do not reach each other anyway', async () => {
    vi.mocked(tcpFromPod).mockResolvedValue(lost)
    await expect(policyEnforcement(cluster)).rejects.toThrow(
      'without any NetworkPolicy a pod on fake-worker does not reach one on fake-control-plane',
    )
  })
})
