import { describe, expect, it } from 'vitest'

import { held, type LeaseState, overdue } from './leases.ts'

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
