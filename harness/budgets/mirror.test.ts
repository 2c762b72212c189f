import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { imagePulled, instanceReady, peerFound, providerRecord, readinessLost } from './mirror.ts'

const resolve = { name: 'mirrorResolveTimeout', ms: 5_000, source: 'a chart' }

it('an instance finds a peer within 130 s: with the next bootstrap', () => {
  expect(peerFound.ms).toBe(130_000)
})

it('what a machine has said of itself is believed for 15 min, and up to 4 min more', () => {
  expect(providerRecord.ms).toBe(19 * 60_000)
})

it('an instance that answers no more is unready after three probes', () => {
  expect(readinessLost.ms).toBe(3 * 10_000)
})

it('an instance is Ready within its startup probe, and one look of the other', () => {
  expect(instanceReady({ name: 'startupProbe 60 × 3 s', ms: 180_000, source: 'a chart' }).ms).toBe(195_000)
})

describe('imagePulled', () => {
  it('has the mirror asked for the manifest, the configuration and two layers', () => {
    const { ms, terms } = imagePulled(5_000_000, { resolve })
    expect(terms[0]).toEqual({ name: 'mirrorResolveTimeout × 4', ms: 20_000, source: 'a chart' })
    expect(terms[1]?.ms).toBe(1_000)
    expect(ms).toBe(66_000)
  })

  it('takes longer for what is larger, and for who looks longer', () => {
    const size = fc.nat(100 * 2 ** 20)
    fc.assert(
      fc.property(size, size, fc.nat(10_000), fc.nat(10_000), (bytes, more, shorter, longer) => {
        const of = (amount: number, ms: number) => imagePulled(amount, { resolve: { ...resolve, ms } }).ms
        expect(of(bytes + more, shorter + longer)).toBeCloseTo(of(bytes, shorter) + more / 5_000 + longer * 4)
      }),
    )
  })
})
