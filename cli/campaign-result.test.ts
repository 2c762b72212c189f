import { describe, expect, it } from 'vitest'

import type { Verdict } from '../harness/verdict.ts'
import { sampleVerdict } from '../reports/sample-verdict.ts'
import { campaignLine, campaignResult, campaignTable, enoughCaught } from './campaign-result.ts'

const cause = (code: string) => ({ code, summary: '', remedies: [], upstream: [] })

/** A sabotage that must come to `machine.disk-full`, and what it did come to. */
function sabotage(what: string, changes: Partial<Verdict>): Verdict {
  return sampleVerdict({
    scenario: `recovery.power-cut against ${what}`,
    expected: { outcome: 'violates', diagnosis: 'machine.disk-full' },
    ...changes,
  })
}

const caught = sabotage('a full disk', { outcome: 'violates', diagnosis: cause('machine.disk-full') })
const blamed = sabotage('another', { outcome: 'violates', diagnosis: cause('recovery.unexplained') })
const missed = sabotage('a third', { outcome: 'conforms' })
const unclear = sabotage('a fourth', { outcome: 'inconclusive' })
const skipped = sabotage('a fifth', { outcome: 'skipped' })

describe('what a campaign comes to', () => {
  it('counts as caught what has the right cause alone, and what was run alone', () => {
    const all = [caught, blamed, missed, unclear, skipped, sampleVerdict()]
    expect(campaignResult(all)).toEqual({ caught: 1, run: 4, skipped: 1 })
  })

  it.each([
    [19, 20, true],
    [18, 20, false],
    [0, 0, false],
  ])('is enough with %i of %i: %s', (count, run, enough) => {
    expect(enoughCaught({ caught: count, run, skipped: 0 })).toBe(enough)
  })

  it('is told in a line', () => {
    expect(campaignLine({ caught: 76, run: 78, skipped: 2 }, 7)).toBe(
      'caught 76 of 78 sabotages: 97.4 %, at least 95 % are asked for; 2 skipped; seed 7',
    )
    expect(campaignLine({ caught: 0, run: 0, skipped: 0 }, 1)).toMatch(/none was run/)
  })
})

describe('the table of a campaign', () => {
  it('has what was done, to what, what had to be found and what was, those that were not caught last', () => {
    const rows = campaignTable([missed, blamed, caught, skipped, sampleVerdict()])
      .split('\n')
      .filter((line) => line.includes('recovery.power-cut'))
      .map((line) => line.split('│').flatMap((cell) => (cell.trim() === '' ? [] : [cell.trim()])))
    const [scenario, expected] = ['recovery.power-cut', 'machine.disk-full']
    expect(rows).toEqual([
      ['a full disk', scenario, expected, 'machine.disk-full', 'yes'],
      ['a fifth', scenario, expected, 'skipped', 'skipped'],
      ['a third', scenario, expected, 'conforms', 'NO'],
      ['another', scenario, expected, 'recovery.unexplained', 'NO'],
    ])
  })

  it('says of what may not be blamed that it was not', () => {
    const quiet = sabotage('x', { outcome: 'inconclusive', expected: { outcome: 'inconclusive', diagnosis: '' } })
    expect(campaignTable([quiet])).toMatch(/inconclusive\s*│ inconclusive\s*│ yes/)
  })
})
