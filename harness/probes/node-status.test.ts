import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { nodeReady, nodeStatus, readyAgain, sinceBoot } from './node-status.ts'

let cluster: FakeCluster

beforeEach(() => {
  cluster = fakeCluster(() => 0)
})
afterEach(() => cluster[Symbol.asyncDispose]())

/** What the API says of the worker. Its machine started at 00:01:00. */
function says(status: string, lastHeartbeatTime: string): void {
  cluster.api.answers.set('/api/v1/nodes/fake-worker', {
    metadata: { name: 'fake-worker' },
    status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime }] },
  })
}
const status = () => nodeStatus(cluster, cluster.nodes[1])

describe('nodeStatus', () => {
  it('is Ready again once the kubelet has reported since the machine started', async () => {
    says('True', '2026-01-01T00:01:00Z')
    expect(await status()).toEqual({ ready: true, reported: true })
    expect(readyAgain(await status())).toBe(true)
  })

  it('is not Ready again with what was reported before it started', async () => {
    says('True', '2026-01-01T00:00:59Z')
    expect(await status()).toEqual({ ready: true, reported: false })
    expect(readyAgain(await status())).toBe(false)
    expect(await nodeReady(cluster, 'fake-worker')).toBe(true)
  })

  it('is not Ready again while it is off, or not Ready', async () => {
    says('True', '2026-01-01T00:02:00Z')
    cluster.nodes[1].on = false
    expect(readyAgain(await status())).toBe(false)
    cluster.nodes[1].on = true
    says('Unknown', '2026-01-01T00:02:00Z')
    expect(await status()).toEqual({ ready: false, reported: true })
  })

  it('has not reported where there is no report', async () => {
    cluster.api.answers.set('/api/v1/nodes/fake-worker', { metadata: { name: 'fake-worker' } })
    expect(await status()).toEqual({ ready: false, reported: false })
  })
})

describe('sinceBoot', () => {
  const bootedAt = Date.UTC(2026, 0, 1, 0, 0, 7, 900)

  it('is a time in the second of the boot or later: the API has whole seconds only', () => {
    expect(sinceBoot('2026-01-01T00:00:06Z', bootedAt)).toBe(false)
    expect(sinceBoot('2026-01-01T00:00:07Z', bootedAt)).toBe(true)
    expect(sinceBoot('2026-01-01T00:00:08Z', bootedAt)).toBe(true)
  })

  it('is no time at all, and none while the machine is off', () => {
    expect(sinceBoot(undefined, bootedAt)).toBe(false)
    expect(sinceBoot('2026-01-01T00:00:08Z', undefined)).toBe(false)
  })
})
