import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { nodeNotReady, nodeReadyAfterReboot, nodeReadyAfterStart } from './boot.ts'
import { budget, describeBudget, extend, type Term } from './budget.ts'

const grace: Term = { name: 'grace', ms: 50_000, source: 'a flag' }
const period: Term = { name: 'period', ms: 5_000, source: 'a default' }
const terms = fc.array(fc.record({ name: fc.string(), ms: fc.nat(1e6), source: fc.string() }))

describe('budget', () => {
  it('is the sum of its terms, and keeps them', () => {
    fc.assert(
      fc.property(terms, (own) => {
        expect(budget(...own)).toEqual({ ms: own.reduce((sum, { ms }) => sum + ms, 0), terms: own })
      }),
    )
  })

  it('is the same whether its terms were there at first or were added', () => {
    fc.assert(
      fc.property(terms, terms, (first, more) => {
        expect(extend(budget(...first), ...more)).toEqual(budget(...first, ...more))
      }),
    )
  })

  it('is not changed by what is added to it', () => {
    const base = budget(grace)
    extend(base, period)
    expect(base).toEqual({ ms: 50_000, terms: [grace] })
  })
})

describe('describeBudget', () => {
  it('says the sum, and each term with where it comes from', () => {
    expect(describeBudget(budget(grace, period))).toBe('55 s = grace 50 s (a flag) + period 5 s (a default)')
  })
})

describe('the budgets of a boot', () => {
  it('grow with what the definition says, millisecond by millisecond', () => {
    expect(nodeReadyAfterStart(60_000).ms - nodeReadyAfterStart(0).ms).toBe(60_000)
    expect(nodeNotReady(50_000).ms - nodeNotReady(40_000).ms).toBe(10_000)
    expect(nodeReadyAfterReboot(30_000, 60_000).ms).toBe(nodeReadyAfterStart(60_000).ms + 30_000)
  })

  it('say where every constant comes from', () => {
    for (const { terms: own } of [nodeReadyAfterReboot(1, 2), nodeNotReady(3)]) {
      for (const term of own)
        expect(term).toMatchObject({ name: expect.stringMatching(/./), source: expect.stringMatching(/./) })
    }
  })
})
