import { expect, it } from 'vitest'

import { LoadMeter } from './load-meter.ts'

/** Two processors, and what was claimed of them. */
const counters = (atMs: number, claimedMs: number) => ({ atMs, allMs: atMs * 2, claimedMs })

it('measures the share of the time that has passed', () => {
  const meter = new LoadMeter()
  expect(meter.over(5_000, 7)).toBeNull()
  meter.look(counters(0, 0))
  meter.look(counters(3_000, 3_000))
  expect(meter.over(5_000, 7)).toBeNull()
  meter.look(counters(6_000, 6_000))
  expect(meter.over(5_000, 7)).toEqual({ claimed: 0.5, availableBytes: 7 })
  expect(meter.over(3_000, 7)?.claimed).toBe(0.5)
  meter.look(counters(11_000, 6_000))
  expect(meter.over(5_000, 7)?.claimed).toBe(0)
})

it('keeps what its longest window needs, and forgets what it is told to', () => {
  const meter = new LoadMeter()
  for (let second = 0; second <= 100; second += 1) meter.look(counters(second * 1_000, second * 500))
  expect(meter.over(30_000, 7)?.claimed).toBe(0.25)
  expect(meter.over(40_000, 7)).toBeNull()
  meter.forget()
  expect(meter.over(1_000, 7)).toBeNull()
})

it('reads this host', () => {
  const meter = new LoadMeter()
  meter.look({ atMs: performance.now() - 10_000, allMs: 0, claimedMs: 0 })
  meter.look()
  const load = meter.over(5_000)
  expect(load?.availableBytes).toBeGreaterThan(0)
  expect(load?.claimed).toBeGreaterThan(0)
  expect(load?.claimed).toBeLessThanOrEqual(1)
})
