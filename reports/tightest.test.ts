import { describe, expect, it } from 'vitest'

import { tightest, tookText } from './tightest.ts'

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

describe('tookText', () => {
  it.each([
    [45_200, 65_000, '45.2 s / 1 min 5 s'],
    [null, 60_000, 'missed / 1 min'],
    [0, 0, 'holds (at once)'],
    [null, 0, 'does not hold (at once)'],
  ] as const)('of %s of %s ms is %s', (tookMs, withinMs, text) => {
    expect(tookText(expectation('x', tookMs, withinMs))).toBe(text)
  })
})
