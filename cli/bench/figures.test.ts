import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { held, median, medianAndRange, percentile, ratios } from './figures.ts'

it('takes percentiles by the nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect(percentile(values, 0.99)).toBe(198)
  expect(percentile(values, 1)).toBe(200)
})

it('has no percentile of nothing', () => {
  expect(() => percentile([], 0.5)).toThrow('nothing was measured')
  expect(() => median([])).toThrow('nothing was measured')
})

it('holds a goal that is just reached', () => {
  const figure = { name: 'rss', goal: 200, measured: 200, unit: 'MiB', detail: '' }
  expect(held(figure)).toBe(true)
  expect(held({ ...figure, measured: 200.1 })).toBe(false)
})

const times = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 20 })

describe('the median', () => {
  it.each([
    [[7], 7],
    [[3, 1, 2], 2],
    [[4, 1], 2.5],
  ])('of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle)
  })

  it('has as many values above as below, in whatever order they come', () => {
    fc.assert(
      fc.property(times, (values) => {
        const middle = median(values)
        const above = values.filter((value) => value > middle).length
        const below = values.filter((value) => value < middle).length
        expect(Math.max(above, below)).toBeLessThanOrEqual(values.length / 2)
        expect(median(values.toReversed())).toBe(middle)
      }),
    )
  })

  it('prefers neither small values nor large ones', () => {
    fc.assert(
      fc.property(times, (values) => {
        expect(median(values.map((value) => -value))).toBe(-median(values))
      }),
    )
  })

  it('is shown with its range where there is one', () => {
    expect(medianAndRange([3, 1, 2], 1, 's')).toBe('2.0 s (1.0 to 3.0)')
    expect(medianAndRange([0.666], 2)).toBe('0.67')
  })
})

describe('ratios', () => {
  it('are 1 to itself, and do not change where a whole round is slower', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ value: fc.nat(1e6), reference: fc.integer({ min: 1, max: 1e6 }) })),
        (rounds) => {
          const values = rounds.map(({ value }) => value)
          const references = rounds.map(({ reference }) => reference)
          expect(ratios(references, references).every((ratio) => ratio === 1)).toBe(true)
          // A power of two scales without rounding.
          const slower = (all: readonly number[]) => all.map((ms, round) => ms * 2 ** (round % 4))
          expect(ratios(slower(values), slower(references))).toEqual(ratios(values, references))
        },
      ),
    )
  })

  it('need both of each round', () => {
    expect(() => ratios([1, 2], [1])).toThrow('2 measurements cannot be paired with 1')
  })
})
