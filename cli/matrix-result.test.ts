import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { type LegResult, matrixTable, worstExitCode } from './matrix-result.ts'

function leg(changes: Partial<LegResult>): LegResult {
  return { name: 'kind-1.34', exitCode: 0, reason: '', verdicts: [], tookMs: 0, ...changes }
}

describe('worstExitCode', () => {
  it.each([
    [[0, 0], 0],
    [[0, 3, 0], 3],
    [[0, null], 3],
    [[3, 1, 0], 1],
    [[2, 3], 2],
    [[null, 1], 1],
    [[137], 3],
    [[], 3],
  ])('of %j is %d', (codes, worst) => {
    expect(worstExitCode(codes.map((exitCode) => ({ exitCode })))).toBe(worst)
  })
})

describe('matrixTable', () => {
  it('has a row for each leg, with what it came to', () => {
    const expected = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
    const verdicts = [sampleVerdict(), sampleViolation(), sampleViolation({ expected })]
    const table = matrixTable([
      leg({ exitCode: 1, verdicts, tookMs: 130_000 }),
      leg({ name: 'k3s-1.34', exitCode: null, reason: 'its image cannot be had' }),
    ])
    const [, head = '', , first = '', second = ''] = table.split('\n')
    const cells = (row: string) => row.split('│').map((cell) => cell.trim())
    expect(cells(head).slice(1, 4)).toEqual(['leg', 'Kubernetes', 'conforms'])
    expect(cells(first)).toEqual(['', 'kind-1.34', 'v1.34.4', '1', '2', '', '', '1', '2 min 10 s', '1', ''])
    expect(cells(second)).toEqual(['', 'k3s-1.34', '', '', '', '', '', '', '', 'its image cannot be had', ''])
  })
})
