import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hostAddress } from './machine-network.ts'

describe('hostAddress', () => {
  it.each([
    ['172.18.0.0/16', 10, '172.18.0.10'],
    ['172.18.0.0/16', 300, '172.18.1.44'],
    ['192.168.3.0/24', 254, '192.168.3.254'],
    ['10.0.0.64/26', 1, '10.0.0.65'],
  ])('counts from the start of %s: %i is %s', (subnet, number, address) => {
    expect(hostAddress(subnet, number)).toBe(address)
  })

  it('refuses what is the broadcast address or beyond', () => {
    expect(() => hostAddress('192.168.3.0/24', 255)).toThrow(RangeError)
    expect(hostAddress('192.168.3.0/24', 254)).toBe('192.168.3.254')
  })

  it('gives each machine an address of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }), (a, b) => {
        expect(hostAddress('172.18.0.0/16', a) === hostAddress('172.18.0.0/16', b)).toBe(a === b)
      }),
    )
  })
})
