import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { editDistance, nearest } from './nearest.ts'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['abc', 'acb', 2],
  ])('of %j and %j is %d', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance)
  })

  it('is a distance', () => {
    // By code units: halves of one character are none of theirs.
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c))
      }),
    )
  })
})

describe('nearest', () => {
  it.each([
    ['recovery.daemonset-bakcoff', 'recovery.daemonset-backoff'],
    ['daemonset-backoff', 'recovery.daemonset-backoff'],
    ['Mirror.Stale-Leader', 'mirror.stale-leader'],
    ['etcd.quorum', 'etcd.quorum-lost'],
    ['backoff', 'recovery.daemonset-backoff'],
  ])('of %s is first %s', (asked, code) => {
    expect(nearest(asked, diagnosisCodes)[0]).toBe(code)
  })

  it('has none where none is near', () => {
    expect(nearest('something quite different', diagnosisCodes)).toEqual([])
  })
})
