import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { tightest, verdictTable } from './verdict-table.ts'

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

describe('verdictTable', () => {
  const verdicts = [
    sampleVerdict({ expectations: [expectation] }),
    sampleViolation({
      expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' },
      expectations: [{ ...expectation, tookMs: null }],
    }),
  ]

  it('has a row a verdict with what it rests on', () => {
    const table = verdictTable(verdicts, 200)
    expect(table).toMatch(/recovery\.power-cut .*kind .*conforms .*Ready again: 6 s \/ 1 min/)
    expect(table).toMatch(
      /recovery\.reboot-storm .*violates \(expected\) .*missed \/ 1 min .*recovery\.daemonset-backoff/,
    )
    expect(table).toContain('kind 0.33.0 v1.34.4')
  })

  it('keeps to the width of the terminal', () => {
    const widths = verdictTable(verdicts, 90)
      .split('\n')
      .map((line) => line.length)
    expect(Math.max(...widths)).toBeLessThanOrEqual(90)
  })
})
