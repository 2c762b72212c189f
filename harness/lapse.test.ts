import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { lapsesBetween, longestOf } from './lapse.ts'

describe('the stretches between moments', () => {
  it('are each from one to the next', () => {
    expect(lapsesBetween([100, 300, 350])).toEqual([
      { since: 100, ms: 200 },
      { since: 300, ms: 50 },
    ])
  })

  it('are none where there are not two moments', () => {
    expect(lapsesBetween([])).toEqual([])
    expect(lapsesBetween([7])).toEqual([])
  })

  it('are as long together as from the first moment to the last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1 }), (unordered) => {
        const moments = unordered.toSorted((a, b) => a - b)
        const sum = lapsesBetween(moments).reduce((ms, lapse) => ms + lapse.ms, 0)
        expect(sum).toBe((moments.at(-1) ?? 0) - (moments[0] ?? 0))
      }),
    )
  })
})

describe('the longest stretch', () => {
  it('is the first of those that are', () => {
    expect(longestOf(lapsesBetween([100, 300, 350, 550]))).toEqual({ since: 100, ms: 200 })
  })

  it('has no moment within, and there is no longer one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 2 }), (unordered) => {
        const moments = unordered.toSorted((a, b) => a - b)
        const { since, ms } = longestOf(lapsesBetween(moments))
        expect(moments.some((at) => at > since && at < since + ms)).toBe(false)
        for (const [index, at] of moments.entries()) expect((moments[index + 1] ?? at) - at).toBeLessThanOrEqual(ms)
      }),
    )
  })

  it('is one of no time where there are none', () => {
    expect(longestOf([])).toEqual({ since: 0, ms: 0 })
  })
})
