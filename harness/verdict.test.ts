import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { asExpected, type Diagnosis, exitCode, type Outcome, outcomes } from './verdict.ts'

const because = (code: string): Diagnosis => ({ code, summary: '', remedies: [], upstream: [] })
const reached = (...all: Outcome[]) => all.map((outcome) => ({ outcome }))

describe('asExpected', () => {
  const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const

  it.each([
    ['conforms', null, null, true],
    ['violates', because('any'), null, false],
    ['inconclusive', null, null, false],
    ['skipped', null, null, true],
    ['violates', because('recovery.daemonset-backoff'), declared, true],
    ['violates', because('recovery.daemonset-stuck'), declared, false],
    ['violates', null, declared, false],
    ['conforms', null, declared, false],
    ['inconclusive', null, declared, false],
    ['inconclusive', because('recovery.daemonset-backoff'), declared, false],
    ['skipped', null, declared, true],
    ['inconclusive', null, { outcome: 'inconclusive', diagnosis: '' } as const, true],
  ] as const)('%s, diagnosis %o, expected %o: %s', (outcome, diagnosis, expected, answer) => {
    expect(asExpected({ outcome, diagnosis, expected })).toBe(answer)
  })
})

describe('exitCode', () => {
  it.each([
    [reached('conforms', 'conforms'), 0],
    [reached('conforms', 'skipped'), 0],
    [reached('conforms', 'inconclusive'), 3],
    [reached('skipped'), 3],
    [reached(), 3],
    [reached('inconclusive', 'violates', 'conforms'), 1],
  ] as const)('of %o is %d', (verdicts, code) => {
    expect(exitCode(verdicts)).toBe(code)
  })

  it('follows its words, in whatever order the verdicts came', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...outcomes)), (all) => {
        const code = exitCode(reached(...all))
        expect(exitCode(reached(...all.toReversed()))).toBe(code)
        expect(code === 1).toBe(all.includes('violates'))
        if (code === 0) expect(new Set(all).difference(new Set(['conforms', 'skipped']))).toEqual(new Set())
        if (code === 0) expect(all).toContain('conforms')
      }),
    )
  })
})
