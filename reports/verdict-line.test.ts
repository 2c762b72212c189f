import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from './sample-verdict.ts'
import { outcomeText, verdictLine } from './verdict-line.ts'

const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const

describe('outcomeText', () => {
  it('says whether a violation was declared', () => {
    expect(outcomeText(sampleVerdict())).toBe('conforms')
    expect(outcomeText(sampleViolation())).toBe('violates')
    expect(outcomeText(sampleViolation({ expected: declared }))).toBe('violates (expected)')
  })

  it('says what was declared instead', () => {
    expect(outcomeText(sampleVerdict({ expected: declared }))).toBe(
      'conforms (expected: violates recovery.daemonset-backoff)',
    )
    expect(outcomeText(sampleViolation({ expected: { outcome: 'inconclusive', diagnosis: '' } }))).toBe(
      'violates (expected: inconclusive)',
    )
    const reason = sampleVerdict({
      outcome: 'inconclusive',
      reason: 'no image',
      expected: { outcome: 'inconclusive', diagnosis: '', reason: 'no trace' },
    })
    expect(outcomeText(reason)).toBe('inconclusive (expected: inconclusive "no trace")')
  })
})

describe('verdictLine', () => {
  const at = new Date(2026, 0, 1, 12, 3, 11)

  it('is one line for what is as expected', () => {
    expect(verdictLine(sampleVerdict(), 78_240, at)).toMatch(
      /^12:03:11 {2}conforms +recovery\.power-cut +kind {2}78\.2 s$/,
    )
    expect(verdictLine(sampleViolation({ expected: declared }), 1_000, at)).not.toContain('\n')
  })

  it('gives the diagnosis, the reason and the bundle of what is not', () => {
    const lines = verdictLine(sampleViolation(), 1_000, at).split('\n')
    expect(lines[1]).toBe('          recovery.daemonset-backoff: kube-proxy waits 64 s on worker-1')
    expect(lines).toContain('              at 61.0 s: kube-proxy Failed')
    expect(lines.at(-1)).toContain('bundles/recovery.reboot-storm')
  })

  it('gives the reason of what was skipped', () => {
    const verdict = sampleVerdict({ outcome: 'skipped', reason: 'kind-x has no capability power' })
    expect(verdictLine(verdict, 0, at)).toContain('\n          kind-x has no capability power')
  })
})

it('moves no cursor, whatever a cluster says', () => {
  const { diagnosis } = sampleViolation()
  const loud = sampleViolation({
    diagnosis: diagnosis === null ? null : { ...diagnosis, summary: '\u001b]0;owned\u0007\u001b[2Jgone' },
  })
  expect(verdictLine(loud, 0)).toContain('gone')
  for (const control of ['\u0007', '\u001b']) expect(verdictLine(loud, 0)).not.toContain(control)
})
