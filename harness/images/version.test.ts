import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compareVersions, formatVersion, minorOf, parseVersion } from './version.ts'

const anyVersion = fc.record({ major: fc.nat(20), minor: fc.nat(50), patch: fc.nat(50) })

describe('parseVersion', () => {
  it.each(['', 'v1.34', '1.34.4-rc.0', 'v1.34.x', '1.34.04', 'latest', '1.34.4.1'])(
    'reads no release in %j',
    (text) => {
      expect(parseVersion(text)).toBeUndefined()
    },
  )

  it('reads back what formatVersion wrote, with and without v', () => {
    fc.assert(
      fc.property(anyVersion, fc.constantFrom('', 'v'), (version, prefix) => {
        expect(parseVersion(prefix + formatVersion(version))).toEqual(version)
      }),
    )
  })

  it('knows the minor', () => {
    expect(minorOf({ major: 1, minor: 34, patch: 11 })).toBe('1.34')
  })
})

describe('compareVersions', () => {
  it('compares numbers, not text', () => {
    const sorted = ['v1.9.10', 'v1.34.4', 'v1.34.11'].map((text) => parseVersion(text) ?? fail(text))
    expect(sorted.toReversed().toSorted(compareVersions)).toEqual(sorted)
  })

  it('is a total order', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
        expect(compareVersions(a, b) === 0).toBe(formatVersion(a) === formatVersion(b))
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

function fail(text: string): never {
  throw new Error(`${text} is no version`)
}
