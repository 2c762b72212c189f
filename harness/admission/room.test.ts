import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Admitted, type Candidate, type HostLoad, reasonToWait } from './room.ts'

const calm: HostLoad = { claimed: 0.3, availableBytes: 16 * 2 ** 30 }
const running: Admitted = { starting: false }

const three: Candidate = { machines: 3, yields: true }

const candidate = fc.record({ machines: fc.nat(100), yields: fc.boolean() })

const load = fc.record({
  claimed: fc.double({ min: 0, max: 1, noNaN: true }),
  availableBytes: fc.nat(2 ** 31 - 1),
})

describe('reasonToWait', () => {
  it('lets the first cluster in, whatever the host does', () => {
    fc.assert(
      fc.property(candidate, load, (wants, measured) => {
        expect(reasonToWait(wants, [], measured)).toBeNull()
      }),
    )
  })

  it('lets one cluster start at a time', () => {
    fc.assert(
      fc.property(candidate, load, (wants, measured) => {
        expect(reasonToWait(wants, [running, { ...running, starting: true }], measured)).toContain('is starting')
      }),
    )
  })

  it('lets nobody in on a busier host that it keeps out on a calmer one', () => {
    fc.assert(
      fc.property(load, load, candidate, (one, other, wants) => {
        const worse = {
          claimed: Math.max(one.claimed, other.claimed),
          availableBytes: Math.min(one.availableBytes, other.availableBytes),
        }
        if (reasonToWait(wants, [running], one) !== null) {
          expect(reasonToWait(wants, [running], worse)).not.toBeNull()
        }
      }),
    )
  })

  it('wants a calmer host for a start that does not yield', () => {
    const boots = { ...three, yields: false }
    expect(reasonToWait(three, [running], { ...calm, claimed: 0.4 })).toBeNull()
    expect(reasonToWait(boots, [running], { ...calm, claimed: 0.4 })).toContain('busy')
    expect(reasonToWait(boots, [running], calm)).toBeNull()
  })

  it('says what it waits for', () => {
    expect(reasonToWait(three, [running], calm)).toBeNull()
    expect(reasonToWait(three, [running], { ...calm, claimed: 0.62 })).toBe('the processors are busy for 62 %')
    expect(reasonToWait(three, [running], { ...calm, availableBytes: 2 ** 30 })).toBe(
      '1024 MiB are available, and 3 machines need 2560 MiB',
    )
  })
})
