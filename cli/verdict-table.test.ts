import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { columnsOf } from '../reports/columns.ts'
import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { verdictTable } from './verdict-table.ts'

const expectation = { name: 'Ready again', budget: '60 s = objective', withinMs: 60_000, tookMs: 6_000, since: 0 }
const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const

describe('verdictTable', () => {
  const missed = { ...expectation, tookMs: null }
  const verdicts = [
    sampleViolation({ scenario: 'recovery.cold-start', expectations: [missed] }),
    sampleViolation({ expected: declared, expectations: [missed] }),
    sampleVerdict({ expectations: [expectation] }),
  ]

  it('has a line a verdict with what it rests on', () => {
    const table = verdictTable(verdicts, { width: 140 })
    expect(table).toMatch(/conforms +recovery\.power-cut +kind +6 s \/ 1 min +Ready again/)
    expect(table).toMatch(
      /violates +recovery\.reboot-storm +kind +missed \/ 1 min +recovery\.daemonset-backoff {2}Ready again/,
    )
  })

  it('puts what is not as declared at the end, where a reader looks', () => {
    const lines = verdictTable(verdicts, { width: 100 }).split('\n')
    expect(lines.at(-2)).toBe('not as declared')
    expect(lines.at(-1)).toContain('recovery.cold-start')
  })

  it('says of what was skipped why', () => {
    const skipped = sampleVerdict({ outcome: 'skipped', reason: 'kind has no capability power' })
    expect(verdictTable([skipped], { width: 100 })).toContain('kind has no capability power')
  })

  it('says below a counter-test what it is against, and its diagnosis where there is no room beside it', () => {
    const scenario = 'recovery.remedy.restart-controller-manager against a controller-manager that does not come back'
    const table = verdictTable([sampleViolation({ scenario, expected: declared })], { width: 90 })
    const lines = table.split('\n').map((line) => line.trim())
    expect(lines).toContain('against a controller-manager that does not come back  recovery.daemonset-backoff')
  })

  it('shows repetitions once', () => {
    const many = Array.from({ length: 1_000 }, () => sampleVerdict())
    expect(verdictTable(many, { width: 100 })).toContain('recovery.power-cut ×1000')
    expect(verdictTable(many, { width: 100 }).split('\n')).toHaveLength(3)
  })

  it('keeps to the width of the terminal, whatever things are called', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(names, names), { maxLength: 4 }),
        fc.integer({ min: 40, max: 200 }),
        (all, width) => {
          const table = verdictTable(
            all.map(([scenario, cluster]) => sampleViolation({ scenario, cluster, expectations: [missed] })),
            { width },
          )
          expect(Math.max(...table.split('\n').map(columnsOf))).toBeLessThanOrEqual(width)
        },
      ),
      { numRuns: 50 },
    )
  })
})
