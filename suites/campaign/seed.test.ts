import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { chosenOf, currentSeed, defaultSeed, inSeededOrderOf } from './seed.ts'

const names = fc.uniqueArray(fc.string(), { maxLength: 20 })
const order = (seed: number, all: readonly string[]) => inSeededOrderOf(seed, all, (name) => name)

describe('the seed of a campaign', () => {
  it('makes an order of all that there is, and the same each time', () => {
    fc.assert(
      fc.property(fc.nat(), names, (seed, all) => {
        expect(order(seed, all).toSorted()).toEqual(all.toSorted())
        expect(order(seed, all)).toEqual(order(seed, all.toReversed()))
      }),
    )
  })

  it('keeps the order of the others where one is added', () => {
    fc.assert(
      fc.property(fc.nat(), names, fc.string(), (seed, all, added) => {
        const others = all.filter((name) => name !== added)
        expect(order(seed, [...others, added]).filter((name) => name !== added)).toEqual(order(seed, others))
      }),
    )
  })

  it('makes other orders and choices of other seeds', () => {
    const all = [...'abcd']
    const seeds = Array.from({ length: 40 }, (_, seed) => seed)
    expect(new Set(seeds.map((seed) => order(seed, all).join(''))).size).toBeGreaterThan(12)
    expect(new Set(seeds.map((seed) => chosenOf(seed, 'x', all)))).toEqual(new Set(all))
  })

  it('chooses one of those that there are', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.array(fc.nat(), { minLength: 1 }), (seed, name, options) => {
        expect(options).toContain(chosenOf(seed, name, options))
      }),
    )
    expect(() => chosenOf(1, 'x', [])).toThrow(RangeError)
  })

  it.each([
    [{}, defaultSeed],
    [{ CLUSTERPROOF_SEED: '7' }, 7],
    [{ CLUSTERPROOF_SEED: 'seven' }, defaultSeed],
    [{ CLUSTERPROOF_SEED: '-1' }, defaultSeed],
  ])('is what the environment says: %j', (environment, seed) => {
    expect(currentSeed(environment)).toBe(seed)
  })
})
