import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { planShards, type ShardableFile, shardLoads } from './shard-plan.ts'

const anyFiles: fc.Arbitrary<ShardableFile[]> = fc.uniqueArray(
  fc.record({
    file: fc.stringMatching(/^suites\/[a-z]{1,3}\.suite\.ts$/),
    weight: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
    alone: fc.boolean(),
  }),
  { selector: ({ file }) => file, maxLength: 40 },
)
const anyCount = fc.integer({ min: 1, max: 12 })
const anyFirst = fc.double({ min: 0, max: 500, noNaN: true })

const files = (...weights: number[]) =>
  weights.map((weight, index) => ({ file: `suites/${index}.suite.ts`, weight, alone: false }))

describe('planShards', () => {
  it('puts every file into exactly one of the shards, and changes nothing about it', () => {
    fc.assert(
      fc.property(anyFiles, anyCount, anyFirst, (all, count, first) => {
        const placed = planShards(all, count, { first })
        expect(placed.map(({ file, weight, alone }) => ({ file, weight, alone }))).toEqual(
          all.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
        )
        for (const { shard } of placed) expect(shard >= 1 && shard <= count && Number.isInteger(shard)).toBe(true)
      }),
    )
  })

  it('comes to the same plan in whatever order the files are found', () => {
    fc.assert(
      fc.property(
        anyFiles.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        anyCount,
        ([all, shuffled], count) => {
          expect(planShards(shuffled, count)).toEqual(planShards(all, count))
        },
      ),
    )
  })

  it('leaves no shard fuller than another by more than the file that it was given last', () => {
    fc.assert(
      fc.property(anyFiles, anyCount, (all, count) => {
        const loads = shardLoads(planShards(all, count), count)
        const heaviest = Math.max(0, ...all.map(({ weight, alone }) => (alone ? 2 * weight : weight)))
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(heaviest + 1e-6)
      }),
    )
  })

  it('leaves no shard empty where there are files enough', () => {
    fc.assert(
      fc.property(anyFiles, anyCount, (all, count) => {
        const used = new Set(planShards(all, count).map(({ shard }) => shard))
        expect(used.size).toBe(Math.min(count, all.length))
      }),
    )
  })

  it('balances by weight and not by number', () => {
    const placed = planShards(files(600, 200, 200, 200), 2)
    expect(placed.map(({ shard }) => shard)).toEqual([1, 2, 2, 2])
  })

  it('gives the first shard less where it has something else to do', () => {
    const placed = planShards(files(100, 100, 100), 2, { first: 150 })
    expect(placed.map(({ shard }) => shard)).toEqual([2, 2, 1])
    expect(shardLoads(placed, 2, 150)).toEqual([250, 200])
  })

  it('counts a file twice that keeps all others waiting', () => {
    const [slow, ...others] = files(100, 100, 100)
    if (slow === undefined) throw new Error('there is a first file')
    expect(planShards([{ ...slow, alone: true }, ...others], 2).map(({ shard }) => shard)).toEqual([1, 2, 2])
  })
})
