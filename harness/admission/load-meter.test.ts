import { availableParallelism } from 'node:os'

import { expect, it } from 'vitest'

import { LoadMeter, loadBetween } from './load-meter.ts'

const counters = (atMs: number, stallUs: number | null = 0, usedMs = 0) => ({ atMs, stallUs, usedMs })

it('measures shares of the time that has passed', () => {
  const processors = availableParallelism()
  expect(loadBetween(counters(1_000, 500), counters(5_000, 2_000_500, 2_000 * processors), 7)).toEqual({
    stalled: 0.5,
    busy: 0.5,
    availableBytes: 7,
  })
  expect(loadBetween(counters(0, null), counters(1_000, null), 7).stalled).toBeNull()
})

it('forgets what is older than its window', () => {
  const meter = new LoadMeter()
  expect(meter.look(counters(0), 1)).toBeNull()
  expect(meter.look(counters(2_000, 2_000_000), 1)).toBeNull()
  expect(meter.look(counters(4_000, 2_000_000), 1)?.stalled).toBe(0.5)
  expect(meter.look(counters(6_000, 2_000_000), 1)?.stalled).toBe(0)
})

it('reads this host', () => {
  const meter = new LoadMeter()
  const before = performance.now() - 10_000
  meter.look(counters(before))
  expect(meter.look()?.availableBytes).toBeGreaterThan(0)
})
