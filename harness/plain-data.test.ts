import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { notPlain } from './plain-data.ts'

describe('notPlain', () => {
  it('finds nothing in what JSON says', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(notPlain(JSON.parse(text))).toEqual([])
      }),
    )
  })

  it('finds what JSON cannot say, and where it is', () => {
    const data = { a: [1, { b: Number.NaN }], c: Number.NEGATIVE_INFINITY, d: new Date(0), e: new Map() }
    expect(notPlain(data)).toEqual([
      { path: ['a', 1, 'b'], what: 'NaN is no number' },
      { path: ['c'], what: '-Infinity is no number' },
      { path: ['d'], what: expect.stringContaining('makes it a Date') },
      { path: ['e'], what: expect.stringContaining('makes it a Map') },
    ])
    expect(notPlain(Number.NaN)).toEqual([{ path: [], what: 'NaN is no number' }])
  })

  it('finds what holds itself, and takes what stands in two places for no such thing', () => {
    const shared = { x: 1 }
    const ring: { inner: unknown[] } = { inner: [shared, shared] }
    expect(notPlain(ring)).toEqual([])
    ring.inner.push(ring)
    expect(notPlain({ ring })).toEqual([{ path: ['ring', 'inner', 2], what: 'an alias names what it stands in' }])
  })
})
