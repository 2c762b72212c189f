import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Admitted, type HostLoad, reasonToWait } from './room.ts'

const calm: HostLoad = { claimed: 0.3, availableBytes: 16 * 2 ** 30 }
const running: Admitted = { machines: 3, starting: false }

const load = fc.record({
  claimed: fc.double({ min: 0, max: 1, noNaN: true }),
  availableBytes: fc.nat(2 ** 31 - 1),
})

describe('reasonToWait', () => {
  it('lets the first cluster in, whatever the host does', () => {
    fc.assert(
      fc.property(fc.nat(100), load, (machines, measured) => {
        expect(reasonToWait(machines, [], measured)).toBeNull()
      }),
    )
  })

  it('lets one cluster start at a time', () => {
    fc.assert(
      fc.property(fc.nat(100), load, (machines, measured) => {
        expect(reasonToWait(machines, [running, { ...running, starting: true }], measured)).toContain('is starting')
      }),
    )
  })

  it('lets nobody in on a busier host that it keeps out on a calmer one', () => {
    fc.assert(
      fc.property(load, load, fc.nat(20), (one, other, machines) => {
        const worse = {
          claimed: Math.max(one.claimed, other.claimed),
          availableBytes: Math.min(one.availableBytes, other.availableBytes),
        }
        if (reasonToWait(machines, [running], one) !== null) {
          expect(reasonToWait(machines, [running], worse)).not.toBeNull()
        }
      }),
    )
  })

  it('says what it waits for', () => {
    expect(reasonToWait(3, [running], calm)).toBeNull()
    expect(reasonToWait(3, [running], { ...calm, claimed: 0.62 })).toBe('the processors are busy for 62 %')
    expect(reasonToWait(3, [running], { ...calm, availableBytes: 2 ** 30 })).toBe(
      '1024 MiB are available, and 3 machines need 2560 MiB',
    )
  })
})
