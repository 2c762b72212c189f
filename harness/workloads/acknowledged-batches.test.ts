import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type AcknowledgedBatch, AcknowledgedBatches } from './acknowledged-batches.ts'

/** What is written for acknowledgements at these times, where null is a write that failed. */
const written = (times: readonly (number | null)[]) => {
  const records: AcknowledgedBatch[] = []
  const append = (_source: unknown, _kind: string, subject: string, data?: unknown) => {
    // Only batches are written here.
    records.push(data as AcknowledgedBatch)
    return { t: 0, at: '', source: 'traffic' as const, kind: 'acknowledged', subject }
  }
  const batches = new AcknowledgedBatches({ append }, 'write-1')
  for (const at of times) {
    if (at === null) batches.end()
    else batches.acknowledged(at)
  }
  batches.end()
  return records
}

describe('AcknowledgedBatches', () => {
  it('puts the writes of a second together, and ends with a write that fails', () => {
    expect(written([0, 100, 950, 1_000, 1_100, null, null, 5_200])).toEqual([
      { writes: 3, from: 0, to: 950 },
      { writes: 2, from: 1_000, to: 1_100 },
      { writes: 1, from: 5_200, to: 5_200 },
    ])
  })

  it('says of each write, and of each gap of a second or more, when it was', () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 3_000 }))
    fc.assert(
      fc.property(pauses, (gaps) => {
        const times = gaps.map((_, index) => gaps.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0))
        const batches = written(times)
        expect(batches.reduce((sum, { writes }) => sum + writes, 0)).toBe(times.length)
        const between = batches.slice(1).map(({ from }, index) => from - (batches[index]?.to ?? 0))
        const long = (all: readonly number[]) => all.filter((gap) => gap >= 1_000)
        expect(long(between)).toEqual(long(gaps.slice(1)))
      }),
    )
  })
})
