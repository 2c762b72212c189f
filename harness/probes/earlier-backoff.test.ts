import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { daemonSetHistory } from './daemonset-history.ts'
import { earlierBackoffs } from './earlier-backoff.ts'

const minute = 60_000
const now = Date.UTC(2026, 0, 1, 12)

let cluster: FakeCluster

beforeEach(() => {
  vi.useFakeTimers({ now, toFake: ['Date'] })
  cluster = fakeCluster(() => 5_000)
  leaderSince(60 * minute)
  const annotations = { 'deprecated.daemonset.template.generation': '2' }
  cluster.api.answers.set('/apis/apps/v1/daemonsets', {
    items: [{ metadata: { ...metadata('kube-proxy'), annotations } }, { metadata: metadata('agent') }],
  })
})
afterEach(async () => {
  vi.useRealTimers()
  await cluster[Symbol.asyncDispose]()
})

function leaderSince(agoMs: number): void {
  const acquireTime = new Date(now - agoMs).toISOString()
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager'
  cluster.api.answers.set(path, { spec: { holderIdentity: 'cp_1', acquireTime } })
}

/** An Event as kube-controller-manager writes it. */
const event = (set: string, node: string, agoMs: number, count?: number) => ({
  involvedObject: { uid: `uid-${set}` },
  message: `Found failed daemon pod x/${set}-abcde on node ${node}, will try to kill it`,
  lastTimestamp: new Date(now - agoMs).toISOString(),
  ...(count === undefined ? {} : { count }),
})
const reported = (...items: ReturnType<typeof event>[]) => void cluster.api.answers.set('/api/v1/events', { items })

describe('earlierBackoffs', () => {
  it('counts what the controller has deleted, by node and DaemonSet, and when it did so last', async () => {
    reported(
      event('kube-proxy', 'worker', 2 * minute, 1),
      event('kube-proxy', 'worker', minute, 3),
      event('agent', 'worker', 3 * minute),
      event('kube-proxy', 'other.example', 4 * minute),
    )
    expect(await earlierBackoffs(cluster)).toEqual(
      new Map([
        [
          'worker',
          [
            {
              owner: 'DaemonSet/kube-proxy',
              ownerUid: 'uid-kube-proxy',
              templateGeneration: '2',
              deletions: 4,
              lastDeletionAt: 5_000 - minute,
            },
            {
              owner: 'DaemonSet/agent',
              ownerUid: 'uid-agent',
              templateGeneration: null,
              deletions: 1,
              lastDeletionAt: 5_000 - 3 * minute,
            },
          ],
        ],
        ['other.example', [expect.objectContaining({ deletions: 1, lastDeletionAt: 5_000 - 4 * minute })]],
      ]),
    )
  })

  it.each([
    ['an earlier leader deleted', () => leaderSince(minute / 2), event('kube-proxy', 'worker', minute)],
    ['is forgotten after 30 quiet minutes', () => undefined, event('kube-proxy', 'worker', 31 * minute)],
    ['is of a DaemonSet that is gone', () => undefined, event('gone', 'worker', minute)],
    ['says something else', () => undefined, { ...event('kube-proxy', 'worker', minute), message: 'Found nothing' }],
    ['has no time', () => undefined, { ...event('kube-proxy', 'worker', minute), lastTimestamp: '' }],
  ])('leaves out what %s', async (_, prepare, item) => {
    prepare()
    reported(item)
    expect(await earlierBackoffs(cluster)).toEqual(new Map())
  })

  it('is where the model goes on from', async () => {
    reported(event('kube-proxy', 'worker', 20_000, 4))
    const { journal } = cluster
    for (const [node, backoffs] of await earlierBackoffs(cluster)) {
      for (const backoff of backoffs) journal.append('api-watch', 'earlier', `backoff/${node}`, backoff)
    }
    expect(daemonSetHistory(journal.records(), 'worker').backoff).toEqual(
      new Map([['DaemonSet/kube-proxy', { delayMs: 8_000, lastDeletionAt: 5_000 - 20_000 }]]),
    )
    expect(daemonSetHistory(journal.records(), 'other').backoff.size).toBe(0)
    expect(daemonSetHistory(journal.records(), 'worker').replacements).toEqual([])
  })
})
