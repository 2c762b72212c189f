import { describe, expect, it } from 'vitest'

import { sampleVerdict } from './sample-verdict.ts'
import { closeCalls, closeCallText, tightest, tookText } from './tightest.ts'

const expectation = (name: string, tookMs: number | null, withinMs: number) => ({
  name,
  budget: 'at once',
  withinMs,
  tookMs,
  since: 0,
})

describe('tightest', () => {
  it('is the one that used up most of its budget', () => {
    expect(tightest([expectation('a', 50, 100), expectation('b', 90, 100), expectation('c', 300, 1_000)])?.name).toBe(
      'b',
    )
  })

  it('is one that was missed, where there is one', () => {
    expect(tightest([expectation('a', 100, 100), expectation('b', null, 0)])?.name).toBe('b')
  })

  it('is one with a deadline before one that holds at once', () => {
    expect(tightest([expectation('a', 0, 0), expectation('b', 1, 100)])?.name).toBe('b')
    expect(tightest([])).toBeNull()
  })
})

describe('closeCalls', () => {
  it('are those met with less than a fifth of the budget to spare, the closest first', () => {
    const expectations = [
      expectation('a', 81, 100),
      expectation('b', 80, 100),
      expectation('c', null, 100),
      expectation('d', 99_000, 100_000),
      expectation('e', 0, 0),
    ]
    const verdict = sampleVerdict({ scenario: 'recovery.x', cluster: 'kind', expectations })
    expect(closeCalls([verdict]).map(closeCallText)).toEqual([
      'recovery.x on kind: d (1 min 39 s / 1 min 40 s)',
      'recovery.x on kind: a (0.1 s / 0.1 s)',
    ])
  })
})

describe('tookText', () => {
  it.each([
    [45_200, 65_000, '45.2 s / 1 min 5 s'],
    [null, 60_000, 'missed / 1 min'],
    [0, 0, 'holds (at once)'],
    [null, 0, 'does not hold (at once)'],
  ] as const)('of %s of %s ms is %s', (tookMs, withinMs, text) => {
    expect(tookText(expectation('x', tookMs, withinMs))).toBe(text)
  })

  it('says of what must never be whether it was', () => {
    const never = { ...expectation('x', 0, 0), budget: 'never' }
    expect([tookText(never), tookText({ ...never, tookMs: null })]).toEqual(['never did', 'it did'])
  })
})
