import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import { cordon, drain, drainable } from './drain.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

let cluster: FakeCluster
let asked: string[]
let refusals: KubeApiError[]
let pods: Pod[]

const pod = (name: string, owner?: string, phase = 'Running'): Pod => ({
  metadata: {
    ...metadata(name),
    namespace: 'x',
    ...(owner === undefined ? {} : { ownerReferences: [{ kind: owner, name: 'o', uid: 'u' }] }),
  },
  status: { phase },
})

beforeEach(() => {
  cluster = fakeCluster(() => time.now)
  asked = []
  refusals = []
  pods = []
  cluster.api.answers.set('/api/v1/pods', { items: pods })
  vi.spyOn(cluster.api, 'patch').mockImplementation(
    async (path, change) => void asked.push(`${path} ${JSON.stringify(change)}`),
  )
  vi.spyOn(cluster.api, 'create').mockImplementation(async (path) => {
    asked.push(path)
    const refusal = refusals.shift()
    if (refusal !== undefined) throw refusal
    pods.splice(0, 1)
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('drainable', () => {
  it.each([
    ['of a ReplicaSet', pod('a', 'ReplicaSet'), true],
    ['of nobody', pod('a'), true],
    ['of a DaemonSet', pod('a', 'DaemonSet'), false],
    ['that is static', pod('a', 'Node'), false],
    ['that has failed', pod('a', 'ReplicaSet', 'Failed'), false],
    ['that is done', pod('a', 'Job', 'Succeeded'), false],
  ])('a pod %s', (_, which, answer) => {
    expect(drainable(which)).toBe(answer)
  })
})

describe('cordon', () => {
  it('keeps pods off the node, and lets them on again', async () => {
    await cordon(cluster, cluster.nodes[1])
    await cordon(cluster, cluster.nodes[1], false)
    expect(asked).toEqual([
      '/api/v1/nodes/fake-worker {"spec":{"unschedulable":true}}',
      '/api/v1/nodes/fake-worker {"spec":{"unschedulable":false}}',
    ])
  })
})

describe('drain', () => {
  const evictions = () => asked.slice(1)

  it('cordons first, then evicts what is to go, and returns when it is gone', async () => {
    pods.push(pod('a', 'ReplicaSet'), pod('proxy', 'DaemonSet'))
    await drain(cluster, cluster.nodes[1])
    expect(asked).toEqual([expect.stringContaining('unschedulable'), '/api/v1/namespaces/x/pods/a/eviction'])
  })

  it('asks again where a disruption budget forbids it for now, and minds no pod that has gone already', async () => {
    pods.push(pod('a', 'ReplicaSet'))
    refusals.push(new KubeApiError('too many requests', 429), new KubeApiError('not found', 404))
    await drain(cluster, cluster.nodes[1])
    expect(evictions()).toHaveLength(3)
    expect(cluster.journal.records().filter(({ data }) => String(data).startsWith('failed'))).toEqual([])
  })

  it('evicts no pod that is on its way', async () => {
    const leaving = pod('a', 'ReplicaSet')
    leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
    pods.push(leaving)
    await expect(drain(cluster, cluster.nodes[1])).rejects.toThrow('fake-worker is drained: not within 1 min')
    expect(evictions()).toEqual([])
  })
})
