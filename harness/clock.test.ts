import { expect, it } from 'vitest'

import { clockFrom, clockOrigin } from './clock.ts'

it('counts on from its origin, also in another process, and never back', () => {
  const origin = clockOrigin()
  const [here, there] = [clockFrom(origin), clockFrom(JSON.parse(JSON.stringify(origin)))]
  const readings = [0, here.now(), there.now(), here.now(), there.now()]
  expect(readings).toEqual(readings.toSorted((a, b) => a - b))
  expect(there.now() - here.now()).toBeLessThan(1_000)
})

it('counts milliseconds of the monotonic clock', () => {
  const secondAgo = (process.hrtime.bigint() - 1_000_000_000n).toString()
  const { now } = clockFrom({ monotonic: secondAgo, startedAt: new Date().toISOString() })
  expect(now()).toBeGreaterThanOrEqual(1_000)
  expect(now()).toBeLessThan(11_000)
})

it('tells people the time that belongs to a reading', () => {
  const { wall } = clockFrom({ monotonic: '0', startedAt: '2026-01-01T00:00:00.000Z' })
  expect(wall(90_000).toISOString()).toBe('2026-01-01T00:01:30.000Z')
})
