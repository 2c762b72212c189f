import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { watchBoots } from './boot-watch.ts'
import type { BootEvidence } from './node.ts'

vi.mock('node:timers/promises', () => ({ setTimeout: () => new Promise((resolve) => void setImmediate(resolve)) }))

let cluster: FakeCluster
let watch: AbortController

beforeEach(() => {
  cluster = fakeCluster(() => 0)
  watch = new AbortController()
})
afterEach(async () => {
  watch.abort()
  await cluster[Symbol.asyncDispose]()
})

const news = (name: string, source: 'api-watch' | 'fault' = 'api-watch') =>
  void cluster.journal.append(source, 'MODIFIED', `node/${name}`)

describe('watchBoots', () => {
  it('asks the node that the API has news of, and no other', () => {
    const [first, second] = cluster.nodes.map((node) => vi.spyOn(node, 'bootEvidence'))
    watchBoots(cluster.nodes, cluster.journal, watch.signal)
    news('fake-worker')
    news('fake-worker', 'fault')
    news('another')
    expect(first).not.toHaveBeenCalled()
    expect(second).toHaveBeenCalledOnce()
  })

  it('asks once more, and not more often, for all the news that came while it was asking', async () => {
    let answer: () => void = () => undefined
    const asked = vi.spyOn(cluster.nodes[1], 'bootEvidence').mockImplementation(
      () =>
        new Promise<BootEvidence>((resolve) => {
          answer = () => resolve({ startedAt: '', restarts: 0, pid: 1 })
        }),
    )
    watchBoots(cluster.nodes, cluster.journal, watch.signal)
    for (let count = 0; count < 3; count += 1) news('fake-worker')
    answer()
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
    answer()
    news('fake-worker')
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3))
  })

  it('asks a node that does not answer until it does, and says so once', async () => {
    const asked = vi.spyOn(cluster.nodes[1], 'bootEvidence')
    asked.mockRejectedValueOnce(new Error('no route')).mockRejectedValueOnce(new Error('no route'))
    watchBoots(cluster.nodes, cluster.journal, watch.signal)
    news('fake-worker')
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(3))
    expect(cluster.journal.records().filter(({ source }) => source === 'engine')).toMatchObject([
      { kind: 'silent', subject: 'node/fake-worker', data: 'Error: no route' },
    ])
  })

  it('asks nobody after the signal', async () => {
    const asked = vi.spyOn(cluster.nodes[1], 'bootEvidence').mockRejectedValue(new Error('no route'))
    watchBoots(cluster.nodes, cluster.journal, watch.signal)
    news('fake-worker')
    watch.abort()
    news('fake-worker')
    await new Promise((resolve) => void setImmediate(resolve))
    expect(asked).toHaveBeenCalledOnce()
  })
})
