import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import { NumberedWrites } from './numbered-writes.ts'
import { SteadyReads } from './steady-reads.ts'

/** What waits between two of its requests, until the test has the time pass. */
const waiting = vi.hoisted(() => new Set<() => void>())

vi.mock('node:timers/promises', () => ({
  setTimeout: (_ms: number, _value: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else waiting.add(resolve)
      signal.addEventListener('abort', () => resolve())
    }),
}))

let now = 0
let cluster: FakeCluster

beforeEach(() => {
  now = 1_000
  cluster = fakeCluster(() => now)
})
afterEach(() => cluster[Symbol.asyncDispose]())

/** Each that waits sends its next request at that moment, and has come to something when this resolves. */
async function next(at: number): Promise<void> {
  await vi.waitFor(() => expect(waiting.size).toBeGreaterThan(0))
  now = at
  const resumed = [...waiting]
  waiting.clear()
  for (const resume of resumed) resume()
  await vi.waitFor(() => expect(waiting.size).toBeGreaterThan(0))
}

describe('the gaps between acknowledged writes', () => {
  const url = 'POST /api/v1/namespaces/clusterproof/configmaps'

  it('begin with the writing, have failures within, and last until now', async () => {
    cluster.api.answers.set(url, { metadata: { uid: 'u', resourceVersion: '7' } })
    const writes = new NumberedWrites(cluster.api, cluster.journal)
    await next(1_300)
    cluster.api.answers.set(url, new KubeApiError('no', 500))
    await next(1_500)
    expect(writes.gaps()).toEqual([
      { since: 1_000, ms: 0 },
      { since: 1_000, ms: 300 },
      { since: 1_300, ms: 200 },
    ])
    await writes.stop()
    now = 9_000
    expect(writes.gaps()).toHaveLength(2)
  })
})

describe('the gaps between answered reads', () => {
  it('begin with the reading, have failures within, and last until now', async () => {
    const url = '/api/v1/namespaces/clusterproof/configmaps'
    await using writes = new NumberedWrites(cluster.api, cluster.journal)
    await writes.stop()
    const reads = new SteadyReads(cluster.api, writes, cluster.journal)
    await next(1_300)
    cluster.api.answers.set(url, { items: [] })
    await next(1_700)
    now = 1_900
    expect(reads.gaps()).toEqual([
      { since: 1_000, ms: 700 },
      { since: 1_700, ms: 200 },
    ])
    await reads.stop()
    now = 9_000
    expect(reads.gaps()).toEqual([{ since: 1_000, ms: 700 }])
  })
})
