import { expect, it } from 'vitest'

import { held, median, percentile } from './figures.ts'

it('takes percentiles by the nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect(percentile(values, 0.99)).toBe(198)
  expect(percentile(values, 1)).toBe(200)
  expect(median([3, 1, 2])).toBe(2)
  expect(median([7])).toBe(7)
})

it('has no percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing was measured')
})

it('holds a goal that is just reached', () => {
  const figure = { name: 'rss', goal: 200, measured: 200, unit: 'MiB', detail: '' }
  expect(held(figure)).toBe(true)
  expect(held({ ...figure, measured: 200.1 })).toBe(false)
})
