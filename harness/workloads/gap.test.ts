import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { longestBetween } from './gap.ts'

describe('the longest stretch between moments', () => {
  it('is the first of the longest, with its beginning', () => {
    expect(longestBetween([100, 300, 350, 550])).toEqual({ since: 100, ms: 200 })
  })

  it('is none where there are not two moments', () => {
    expect(longestBetween([])).toEqual({ since: 0, ms: 0 })
    expect(longestBetween([7])).toEqual({ since: 7, ms: 0 })
  })

  it('has no moment within, and there is no longer one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 2 }), (unordered) => {
        const moments = unordered.toSorted((a, b) => a - b)
        const { since, ms } = longestBetween(moments)
        expect(moments.some((at) => at > since && at < since + ms)).toBe(false)
        for (const [index, at] of moments.entries()) expect((moments[index + 1] ?? at) - at).toBeLessThanOrEqual(ms)
      }),
    )
  })
})
