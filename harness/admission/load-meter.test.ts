import { expect, it } from 'vitest'

import { LoadMeter } from './load-meter.ts'

/** Two processors, and what was claimed of them. */
const counters = (atMs: number, claimedMs: number) => ({ atMs, allMs: atMs * 2, claimedMs })

it('measures the share of the time that has passed, and forgets what is older than its window', () => {
  const meter = new LoadMeter()
  expect(meter.look(counters(0, 0), 7)).toBeNull()
  expect(meter.look(counters(3_000, 3_000), 7)).toBeNull()
  expect(meter.look(counters(6_000, 6_000), 7)).toEqual({ claimed: 0.5, availableBytes: 7 })
  expect(meter.look(counters(10_000, 6_000), 7)?.claimed).toBeCloseTo(3_000 / 14_000)
  expect(meter.look(counters(15_000, 6_000), 7)?.claimed).toBe(0)
})

it('reads this host', () => {
  const meter = new LoadMeter()
  meter.look({ atMs: performance.now() - 10_000, allMs: 0, claimedMs: 0 })
  const load = meter.look()
  expect(load?.availableBytes).toBeGreaterThan(0)
  expect(load?.claimed).toBeGreaterThan(0)
  expect(load?.claimed).toBeLessThanOrEqual(1)
})
