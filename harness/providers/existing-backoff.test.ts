import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import { recordEarlierBackoffs } from './existing-backoff.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

let cluster: FakeCluster

beforeEach(() => {
  time.now = 0
  cluster = fakeCluster(() => time.now)
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'
  cluster.api.answers.set(path, { spec: { holderIdentity: 'cp_1', acquireTime: '2026-01-01T00:00:00Z' } })
  cluster.api.answers.set('/apis/apps/v1/daemonsets', { items: [{ metadata: metadata('kube-proxy') }] })
  cluster.api.answers.set('/api/v1/events', {
    items: [
      {
        involvedObject: { uid: 'uid-kube-proxy' },
        message: 'Found failed daemon pod kube-system/kube-proxy-abcde on node worker, will try to kill it',
        lastTimestamp: new Date().toISOString(),
      },
    ],
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const holderSeen = () => void cluster.journal.append('api-watch', 'ADDED', 'lease/kube-system/kube-controller-manager')
const written = (kind: string) => cluster.journal.records().filter((record) => record.kind === kind)

describe('recordEarlierBackoffs', () => {
  it('writes each down, after the holder whose they are', async () => {
    holderSeen()
    await recordEarlierBackoffs(cluster)
    expect(written('earlier')).toMatchObject([
      { source: 'api-watch', subject: 'backoff/worker', data: { owner: 'DaemonSet/kube-proxy', deletions: 1 } },
    ])
  })

  it.each([
    ['nobody holds the lease', () => undefined, 'the holder of the controller-manager'],
    [
      'the Events may not be read',
      () => {
        holderSeen()
        cluster.api.answers.set('/api/v1/events', new KubeApiError('GET /api/v1/events: 403 forbidden', 403))
      },
      '403 forbidden',
    ],
  ])('says that they are unknown, and goes on, where %s', async (_, prepare, why) => {
    prepare()
    await recordEarlierBackoffs(cluster)
    expect(written('earlier')).toEqual([])
    expect(written('unknown')).toMatchObject([{ subject: 'backoff', data: expect.stringContaining(why) }])
  })
})
