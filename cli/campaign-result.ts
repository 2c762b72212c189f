import Table from 'cli-table3'

import { asExpected, type Verdict } from '../harness/verdict.ts'
import { printable } from '../reports/columns.ts'

/** The share of sabotages that must be caught, with the diagnosis of their cause. */
export const leastCaught = 0.95

export interface CampaignResult {
  readonly caught: number
  /** Those that were run: one that was skipped, for want of an image or a capability, says nothing. */
  readonly run: number
  readonly skipped: number
}

/** Counter-tests alone: the verdicts of whatever else a directory may have are left out. */
export function sabotages(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.filter(({ scenario }) => scenario.includes(separator))
}

const separator = ' against '

export function campaignResult(verdicts: readonly Verdict[]): CampaignResult {
  const all = sabotages(verdicts)
  const run = all.filter(({ outcome }) => outcome !== 'skipped')
  return { caught: run.filter(asExpected).length, run: run.length, skipped: all.length - run.length }
}

/** Whether enough were caught; where none was run, nothing is known. */
export function enoughCaught({ caught, run }: CampaignResult): boolean {
  return run > 0 && caught / run >= leastCaught
}

/** Every sabotage in a row, those that were not caught last, where a reader looks. */
export function campaignTable(verdicts: readonly Verdict[]): string {
  const table = new Table({
    head: ['sabotage', 'scenario', 'expected', 'found', 'caught'],
    style: { head: [], border: [], compact: true },
  })
  const rows = sabotages(verdicts).map((verdict) => ({ verdict, word: caughtWord(verdict) }))
  const order = ['yes', 'skipped', 'NO']
  table.push(
    ...rows
      .toSorted((left, right) => order.indexOf(left.word) - order.indexOf(right.word))
      .map(({ verdict, word }) => {
        const { scenario, outcome, expected, diagnosis } = verdict
        const at = scenario.indexOf(separator)
        return [
          scenario.slice(at + separator.length),
          scenario.slice(0, at),
          coming(expected?.outcome ?? 'conforms', expected?.diagnosis ?? ''),
          coming(outcome, diagnosis?.code ?? ''),
          word,
        ].map(printable)
      }),
  )
  return table.toString()
}

/** A violation by its cause, anything else by its outcome. */
function coming(outcome: string, code: string): string {
  return code === '' ? outcome : code
}

function caughtWord(verdict: Verdict): 'yes' | 'NO' | 'skipped' {
  if (verdict.outcome === 'skipped') return 'skipped'
  return asExpected(verdict) ? 'yes' : 'NO'
}

/** `caught 76 of 78 sabotages: 97.4 %, at least 95 % are asked for; 2 skipped; seed 1`. */
export function campaignLine(result: CampaignResult, seed: number): string {
  const { caught, run, skipped } = result
  const share = run === 0 ? 'none was run' : `${((caught / run) * 100).toFixed(1)} %`
  const parts = [
    `caught ${caught} of ${run} sabotages: ${share}, at least ${leastCaught * 100} % are asked for`,
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    `seed ${seed}`,
  ]
  return parts.join('; ')
}
