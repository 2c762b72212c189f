import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { foldVerdicts, tightest } from './verdict-folds.ts'

const expectation = { name: 'Ready again', budget: '60 s = objective', withinMs: 60_000, tookMs: 6_000, since: 0 }

describe('tightest', () => {
  it('is the one that used most of its budget', () => {
    const tight = { ...expectation, withinMs: 10_000, tookMs: 9_000 }
    expect(tightest([expectation, tight, { ...expectation, withinMs: 0, tookMs: 0 }])).toBe(tight)
  })

  it('is one that was missed, before all that were met', () => {
    const missed = { ...expectation, tookMs: null }
    expect(tightest([{ ...expectation, tookMs: 59_999 }, missed])).toBe(missed)
  })

  it('is none where nothing was expected', () => {
    expect(tightest([])).toBeNull()
  })
})

describe('foldVerdicts', () => {
  it('makes one of repetitions that say the same, with what was tightest in any of them', () => {
    const tight = { ...expectation, tookMs: 59_000 }
    const verdicts = [sampleVerdict({ expectations: [expectation] }), sampleVerdict({ expectations: [tight] })]
    expect(foldVerdicts(verdicts)).toEqual([{ verdict: verdicts[0], times: 2, tightest: tight }])
  })

  it('keeps apart what says something else, or of another cluster', () => {
    const verdicts = [sampleVerdict(), sampleVerdict({ cluster: 'split' }), sampleVerdict({ outcome: 'inconclusive' })]
    expect(foldVerdicts([...verdicts, sampleViolation(), ...verdicts]).map(({ times }) => times)).toEqual([2, 2, 2, 1])
  })
})
