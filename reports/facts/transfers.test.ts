import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sampleVerdict } from '../sample-verdict.ts'
import { anyRecords, folded, record } from './sample-records.ts'
import { foldTransfers } from './transfers.ts'

const pulling = (t: number, node: string, repository = 'r') =>
  record(t, 'traffic', 'pulling', `node/${node}`, { repository })
const pulled = (t: number, node: string, data: object = {}) =>
  record(t, 'traffic', 'pulled', `node/${node}`, {
    repository: 'r',
    attempts: 1,
    source: 'mirror',
    upstreamBytes: 0,
    ...data,
  })
const judged = (t: number, kind: 'met' | 'missed', name: string) => record(t, 'expectation', kind, name, { name })
const measured = (name: string, value: number, unit = 'ms') => ({ name, value, unit })

describe('foldTransfers', () => {
  it('has where each image came from, and how long it took', () => {
    const { pulls, registries } = folded(foldTransfers, [
      record(1_000, 'cluster', 'pushed', 'registry/up', { repository: 'r', bytes: 8_000_000 }),
      pulling(2_000, 'a'),
      pulled(2_500, 'a', { source: 'upstream', upstreamBytes: 7_999_000, ok: true, tookMs: 400, bytes: 8_000_001 }),
      record(2_600, 'fault', 'injecting', 'node/b, c', { fault: 'registry-blackhole' }),
      pulling(3_000, 'b'),
      pulled(3_900, 'b', { ok: true, tookMs: 800, attempts: 2 }),
      record(4_000, 'fault', 'healed', 'node/b, c', { fault: 'registry-blackhole' }),
      pulling(5_000, 'c'),
      record(6_000, 'traffic', 'registry-summary', 'registry/up', { requests: 16, bytes: 8_000_001, objects: {} }),
    ])
    expect(pulls).toMatchObject([
      { node: 'a', source: 'upstream', bytes: 8_000_001, tookMs: 400, ok: true, cutOff: false },
      { node: 'b', source: 'mirror', bytes: 8_000_000, tookMs: 800, attempts: 2, cutOff: true },
      { node: 'c', source: null, ok: null, endedAt: null, cutOff: false },
    ])
    expect(registries).toEqual([{ host: 'up', requests: 16, bytes: 8_000_001 }])
  })

  it('takes from the verdict what an older journal does not tell', () => {
    const verdict = sampleVerdict({
      measurements: [
        measured('pull of r by a', 100),
        measured('pull of r by a', 200),
        measured('first byte from the mirror after', 5),
        measured('speed from the mirror', 820, 'MB/s'),
        measured('speed from the upstream', 770, 'MB/s'),
        measured('bytes asked of the upstream for 3 machines with the mirror', 67, 'bytes'),
      ],
    })
    const facts = folded(
      foldTransfers,
      [
        pulling(2_000, 'a'),
        judged(2_100, 'met', 'a pulls r'),
        pulled(2_200, 'a'),
        pulling(3_000, 'a'),
        judged(3_100, 'missed', 'a pulls r'),
        pulled(3_200, 'a'),
        pulling(4_000, 'a'),
        judged(4_100, 'met', 'a pulls r'),
        pulled(4_200, 'a'),
      ],
      { verdict },
    )
    expect(facts.pulls).toMatchObject([
      { ok: true, tookMs: 100, source: 'mirror' },
      // The upstream sent nothing of what was not pulled: that is no word on where it came from.
      { ok: false, tookMs: null, source: null },
      { ok: true, tookMs: 200 },
    ])
    expect(facts.speeds).toEqual([
      { source: 'mirror', megabytesPerSecond: 820, firstByteMs: 5 },
      { source: 'upstream', megabytesPerSecond: 770, firstByteMs: null },
    ])
    expect(facts.asked).toEqual([{ how: 'for 3 machines with the mirror', bytes: 67 }])
  })

  it('takes any record, and keeps a bounded number of pulls', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        expect(() => folded(foldTransfers, records)).not.toThrow()
      }),
    )
    const many = Array.from({ length: 1_000 }, (_, index) => pulling(1_000 + index, `n${index}`))
    const { pulls, omitted } = folded(foldTransfers, many)
    expect(pulls.length).toBeLessThan(500)
    expect(pulls.length + omitted).toBe(1_000)
  })
})
