import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Admitted, type Candidate, type HostLoad, reasonToIdle, reasonToWait } from './room.ts'

const calm: HostLoad = { claimed: 0.3, availableBytes: 16 * 2 ** 30 }
const tested: Admitted = { state: 'tested', leftMs: 0 }

const three: Candidate = { machines: 3, yields: true }

const candidate = fc.record({ machines: fc.nat(100), yields: fc.boolean() })

const load = fc.record({
  claimed: fc.double({ min: 0, max: 1, noNaN: true }),
  availableBytes: fc.nat(2 ** 31 - 1),
})

/** Of so many others, each tested. */
const others = (count: number) => Array.from({ length: count }, () => tested)

describe('reasonToWait', () => {
  it('lets the first cluster in, whatever the host does', () => {
    fc.assert(
      fc.property(candidate, load, (wants, measured) => {
        expect(reasonToWait(wants, [], measured, 1)).toBeNull()
      }),
    )
  })

  it.each([
    ['starting' as const, 'another cluster is starting'],
    ['ready' as const, 'another cluster is ahead'],
  ])('lets nobody in beside one that is %s', (state, reason) => {
    fc.assert(
      fc.property(candidate, load, (wants, measured) => {
        expect(reasonToWait(wants, [tested, { state, leftMs: 0 }], measured, 8)).toBe(reason)
      }),
    )
  })

  it('lets one start ahead once another should be done soon', () => {
    const long = { ...tested, leftMs: 200_000 }
    expect(reasonToWait(three, [long, long], calm, 2)).toBe('no other cluster should be done soon')
    expect(reasonToWait(three, [long, { ...tested, leftMs: 100_000 }], calm, 2)).toBeNull()
    expect(reasonToWait(three, [long], calm, 2)).toBeNull()
  })

  it('lets one start ahead, but none whose start is tested', () => {
    expect(reasonToWait(three, others(2), calm, 2)).toBeNull()
    expect(reasonToWait({ ...three, yields: false }, others(2), calm, 2)).toBe('2 clusters are tested')
    expect(reasonToWait({ ...three, yields: false }, others(1), calm, 2)).toBeNull()
  })

  it('lets nobody in on a busier host that it keeps out on a calmer one', () => {
    fc.assert(
      fc.property(load, load, candidate, (one, other, wants) => {
        const worse = {
          claimed: Math.max(one.claimed, other.claimed),
          availableBytes: Math.min(one.availableBytes, other.availableBytes),
        }
        if (reasonToWait(wants, [tested], one, 2) !== null) {
          expect(reasonToWait(wants, [tested], worse, 2)).not.toBeNull()
        }
      }),
    )
  })

  it('wants a calmer host for a start that does not yield', () => {
    const boots = { ...three, yields: false }
    expect(reasonToWait(three, [tested], { ...calm, claimed: 0.4 }, 2)).toBeNull()
    expect(reasonToWait(boots, [tested], { ...calm, claimed: 0.4 }, 2)).toContain('busy')
    expect(reasonToWait(boots, [tested], calm, 2)).toBeNull()
  })

  it('says what it waits for', () => {
    expect(reasonToWait(three, [tested], null, 2)).toBe('nothing is known of the host yet')
    expect(reasonToWait(three, [tested], { ...calm, claimed: 0.62 }, 2)).toBe('the processors are busy for 62 %')
    expect(reasonToWait(three, [tested], { ...calm, availableBytes: 2 ** 30 }, 2)).toBe(
      '1024 MiB are available, and 3 machines need 2560 MiB',
    )
  })
})

describe('reasonToIdle', () => {
  it('has as many tested as may be, and no more', () => {
    expect(reasonToIdle(0, null, 1)).toBeNull()
    expect(reasonToIdle(1, null, 1)).toBe('another cluster is tested')
    expect(reasonToIdle(1, null, 2)).toBeNull()
    expect(reasonToIdle(2, calm, 2)).toBe('2 clusters are tested')
  })

  it('has a third tested only where the others leave room', () => {
    expect(reasonToIdle(2, null, 4)).toBe('nothing is known of the host yet')
    expect(reasonToIdle(2, { ...calm, claimed: 0.5 }, 4)).toBe('the processors are busy for 50 %')
    expect(reasonToIdle(2, calm, 4)).toBeNull()
  })
})
