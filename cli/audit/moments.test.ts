import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { killModes, plannedKills, randomShares } from './moments.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('randomShares', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const numbers = (seed: number) => Array.from({ length: 5 }, randomShares(seed))
    expect(numbers(7)).toEqual(numbers(7))
    expect(numbers(7)).not.toEqual(numbers(8))
  })

  it('stays from 0 to 1, whatever the seed', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const shares = Array.from({ length: 20 }, randomShares(seed))
        expect(shares.every((share) => share >= 0 && share < 1)).toBe(true)
      }),
    )
  })

  it('is spread evenly', () => {
    const shares = Array.from({ length: 10_000 }, randomShares(42))
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const hits = shares.filter((share) => Math.floor(share * 10) === tenth).length
      // The standard deviation of the count is 30.
      expect(hits).toBeGreaterThan(850)
      expect(hits).toBeLessThan(1_150)
    }
  })
})

describe('plannedKills', () => {
  it('kills every subject in every way', () => {
    const planned = plannedKills(1, { times: 12, subjects: 3, modes: killModes })
    expect(new Set(planned.map(({ mode, subject }) => `${mode} ${subject}`)).size).toBe(12)
  })

  it('plans as many as were asked for, and the same for the same seed', () => {
    fc.assert(
      fc.property(seeds, fc.nat(60), fc.integer({ min: 1, max: 4 }), (seed, times, subjects) => {
        const planned = plannedKills(seed, { times, subjects, modes: ['main'] })
        expect(planned).toHaveLength(times)
        expect(planned).toEqual(plannedKills(seed, { times, subjects, modes: ['main'] }))
        expect(planned.every(({ subject }) => subject < subjects)).toBe(true)
      }),
    )
  })

  it('leaves the beginning of a run alone where it is told to', () => {
    const planned = plannedKills(9, { times: 50, subjects: 1, modes: ['main'], from: 0.9 })
    expect(planned.every(({ share }) => share >= 0.9 && share < 1)).toBe(true)
  })

  it('does not begin anew where more kills are asked for', () => {
    const options = { subjects: 2, modes: killModes }
    const few = plannedKills(5, { ...options, times: 5 })
    expect(plannedKills(5, { ...options, times: 50 }).slice(0, 5)).toEqual(few)
  })
})
