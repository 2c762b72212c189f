import { describe, expect, it } from 'vitest'

import { fakeCluster } from '../fake-cluster.ts'
import { held, type LeaseState, overdue, silentNodes } from './leases.ts'

const renewedAt = Date.UTC(2026, 0, 1)
const lease: LeaseState = { holder: 'cp_1', renewedAt, acquiredAt: renewedAt, transitions: 1, durationMs: 15_000 }

describe('held', () => {
  it('is a lease that was renewed within its own term', () => {
    expect(held(lease, renewedAt)).toBe(true)
    expect(held(lease, renewedAt + 14_999)).toBe(true)
    expect(held(lease, renewedAt + 15_000)).toBe(false)
    expect(held({ ...lease, durationMs: 60_000 }, renewedAt + 15_000)).toBe(true)
  })

  it('is no lease that nobody has taken', () => {
    expect(held({ ...lease, holder: '' }, renewedAt)).toBe(false)
  })

  it('is a lease whose holder’s clock is ahead of ours', () => {
    expect(held(lease, renewedAt - 500)).toBe(true)
  })
})

describe('overdue', () => {
  it('is a lease that was not renewed by the deadline after which its holder must give up (10 s)', () => {
    expect(overdue(lease, renewedAt + 10_000)).toBe(false)
    expect(overdue(lease, renewedAt + 10_001)).toBe(true)
    expect(overdue({ ...lease, holder: '' }, renewedAt)).toBe(true)
  })
})

describe('silentNodes', () => {
  it('are those whose lease is older, and those that have none', async () => {
    await using cluster = fakeCluster(() => 0)
    const leaseOf = (name: string, renewTime: string) => ({ metadata: { name }, spec: { renewTime } })
    const items = [leaseOf('a', '2026-01-01T00:00:10.000000Z'), leaseOf('b', '2026-01-01T00:00:09.999000Z')]
    cluster.api.answers.set('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', { items })
    expect(await silentNodes(cluster, ['a', 'b', 'c'], Date.UTC(2026, 0, 1, 0, 0, 10))).toEqual(['b', 'c'])
  })
})
