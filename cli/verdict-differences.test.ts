import fc from 'fast-check'
import { expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { verdictDifferences } from './verdict-differences.ts'

const sides = ['one', 'other'] as const

it('says what another outcome is, and what only one of them has', () => {
  const ours = [sampleVerdict({ scenario: 'a' }), sampleViolation({ scenario: 'b' })]
  const theirs = [sampleViolation({ scenario: 'a' }), sampleViolation({ scenario: 'b', measurements: [] })]
  expect(verdictDifferences(sides, ours, theirs)).toEqual([
    'a on kind: conforms in one, violates (recovery.daemonset-backoff) in other',
  ])
  expect(verdictDifferences(sides, ours, theirs.slice(1))).toEqual(['a on kind: conforms in one, nothing in other'])
})

it('finds nothing between a run and itself in another order, and something once one verdict is gone', () => {
  const verdicts = fc.array(
    fc.record({
      scenario: fc.constantFrom('a', 'b'),
      cluster: fc.constantFrom('kind', 'split'),
      outcome: fc.constantFrom('conforms' as const, 'inconclusive' as const),
      diagnosis: fc.constant(null),
    }),
    { minLength: 1, maxLength: 6 },
  )
  fc.assert(
    fc.property(verdicts, (all) => {
      expect(verdictDifferences(sides, all, all.toReversed())).toEqual([])
      expect(verdictDifferences(sides, all, all.slice(1))).not.toEqual([])
    }),
  )
})
