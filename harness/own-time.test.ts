import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { excuse, excuseLapse } from './own-time.ts'

/** A deadline of ten seconds that has just passed, on a host that keeps that share of the time for others. */
function missed({
  kept = 0,
  slow = null,
  trueAt = Infinity,
}: {
  kept?: number
  slow?: string | null
  trueAt?: number
}) {
  let now = 10_000
  const host = { keptMs: (since: number, until: number) => (until - since) * kept, slowness: () => slow }
  const holds = () => {
    now += 250
    return Promise.resolve(now >= trueAt)
  }
  return {
    why: () => excuse(host, { since: 0, withinMs: 10_000, now: () => now }, holds),
    lookedFor: () => now - 10_000,
  }
}

describe('excuse', () => {
  it('has none where the cluster had the host for itself, and looks no more', async () => {
    const late = missed({ trueAt: 10_250 })
    expect(await late.why()).toBeNull()
    expect(late.lookedFor()).toBe(0)
  })

  it('excuses what comes true before the cluster has had its time', async () => {
    const late = missed({ kept: 0.5, trueAt: 15_000 })
    expect(await late.why()).toBe('it came true after 15 s, and others had the processors for 7.5 s of them')
  })

  it('excuses nothing that does not come true in that time', async () => {
    const never = missed({ kept: 0.5, trueAt: 20_500 })
    expect(await never.why()).toBeNull()
    expect(never.lookedFor()).toBe(10_000)
  })

  it('gives twice the time after a host was short, whose consequences may outlast it', async () => {
    const slow = 'the host stood still for 5.0 s'
    expect(await missed({ slow, trueAt: 19_000 }).why()).toMatch(
      /^the host stood still for 5.0 s; it came true after 19 s/,
    )
    expect(await missed({ slow, trueAt: 21_000 }).why()).toBeNull()
  })

  it('concludes nothing where others leave so little that nobody can wait for it', async () => {
    expect(await missed({ kept: 0.9 }).why()).toBe(
      'it was watched for 40 s, and others had the processors for 36 s of them',
    )
    expect(await missed({ kept: 0.9, slow: 'the host was short' }).why()).toMatch(
      /^the host was short; it was watched for 40 s/,
    )
  })

  it('never excuses more on a host that kept less', async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const law = fc.asyncProperty(share, share, fc.integer({ min: 10_250, max: 50_000 }), async (one, other, trueAt) => {
      const calmer = await missed({ kept: Math.min(one, other), trueAt }).why()
      return calmer === null || (await missed({ kept: Math.max(one, other), trueAt }).why()) !== null
    })
    await expect(fc.assert(law)).resolves.toBeUndefined()
  })
})

describe('excuseLapse', () => {
  const host = (kept: number, slow: string | null = null) => ({
    keptMs: (since: number, until: number) => (until - since) * kept,
    slowness: () => slow,
  })

  it('excuses a stretch by what others had of it, and by no more', () => {
    expect(excuseLapse(host(0.5), { since: 5_000, ms: 12_000 }, 10_000)).toBe(
      'it lasted 12 s, and others had the processors for 6 s of them',
    )
    expect(excuseLapse(host(0.5), { since: 5_000, ms: 20_001 }, 10_000)).toBeNull()
    expect(excuseLapse(host(0), { since: 5_000, ms: 10_001 }, 10_000)).toBeNull()
  })

  it('gives twice the time where the host was short in it', () => {
    const slow = 'the host stood still for 5.0 s'
    expect(excuseLapse(host(0, slow), { since: 0, ms: 20_000 }, 10_000)).toBe(
      `${slow}; it lasted 20 s, and others had the processors for 0 s of them`,
    )
    expect(excuseLapse(host(0, slow), { since: 0, ms: 20_001 }, 10_000)).toBeNull()
  })

  it('asks of that stretch alone', () => {
    const asked: [number, number][] = []
    const note = (since: number, until: number) => void asked.push([since, until])
    const asking = { keptMs: (...span: [number, number]) => (note(...span), 0), slowness: () => null }
    excuseLapse(asking, { since: 3_000, ms: 500 }, 100)
    expect(asked).toEqual([[3_000, 3_500]])
  })
})
