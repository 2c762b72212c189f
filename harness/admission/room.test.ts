import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Admitted, type HostLoad, reasonToWait } from './room.ts'

const calm: HostLoad = { stalled: 0.2, busy: 0.3, availableBytes: 16 * 2 ** 30 }
const running: Admitted = { machines: 3, starting: false }

const load = fc.record({
  stalled: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  busy: fc.double({ min: 0, max: 1, noNaN: true }),
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
          stalled: one.stalled === null || other.stalled === null ? null : Math.max(one.stalled, other.stalled),
          busy: Math.max(one.busy, other.busy),
          availableBytes: Math.min(one.availableBytes, other.availableBytes),
        }
        fc.pre((worse.stalled === null) === (one.stalled === null))
        if (reasonToWait(machines, [running], one) !== null) {
          expect(reasonToWait(machines, [running], worse)).not.toBeNull()
        }
      }),
    )
  })

  it('says what it waits for', () => {
    expect(reasonToWait(3, [running], calm)).toBeNull()
    expect(reasonToWait(3, [running], { ...calm, stalled: 0.62 })).toBe(
      'tasks wait for a processor in 62 % of the time',
    )
    expect(reasonToWait(3, [running], { ...calm, stalled: null, busy: 0.85 })).toBe('processors are busy for 85 %')
    expect(reasonToWait(3, [running], { ...calm, availableBytes: 2 ** 30 })).toBe(
      '1024 MiB are available, and 3 machines need 2560 MiB',
    )
  })
})
