import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { foldVerdicts } from './verdict-folds.ts'

const expectation = { name: 'Ready again', budget: '60 s = objective', withinMs: 60_000, tookMs: 6_000, since: 0 }

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
