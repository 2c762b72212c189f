import Table from 'cli-table3'

import { formatDuration } from '../../harness/duration.ts'
import type { KillResult, Measured } from './campaign.ts'
import { countsText, type Difference } from './differences.ts'
import { phases } from './phase.ts'

/** A run that was killed, in a line, and what was wrong, a line each. */
export function killText(
  { kill, moment, atMs, left, swept, remains, problems }: KillResult,
  { subject, tookMs }: Measured,
): string {
  const when = `${formatDuration(atMs)} of ${formatDuration(tookMs)}`
  const last = moment.last === '' ? '' : ` (${moment.last})`
  const what = moment.phase === 'over' ? 'ended before it was to be killed' : `killed ${kill.mode} in ${moment.phase}`
  const found = countsText(left) || 'nothing'
  return [
    `${subject.name}, ${what}${last} after ${when}: left ${found}; the sweep named ${swept}`,
    ...remains.map((difference) => `  ${differenceText(difference)}`),
    ...problems.map((problem) => `  ${problem.replaceAll('\n', '\n    ')}`),
  ].join('\n')
}

export function differenceText({ kind, name, change }: Difference): string {
  return change === 'left' ? `left: ${kind} ${name}` : `missing: ${kind} ${name}`
}

/** What was hit, phase by phase: how often, what was left there, and what remained of that. */
export function phaseTable(results: readonly KillResult[]): string {
  const table = new Table({
    head: ['phase', 'kills', 'left when the sweep began', 'named by the sweep', 'remained'],
    style: { head: [], border: [], compact: true },
  })
  for (const phase of phases) {
    const hits = results.filter(({ moment }) => moment.phase === phase)
    const left = hits.flatMap((hit) => hit.left)
    const remained = hits.reduce((sum, { remains }) => sum + remains.length, 0)
    const swept = hits.reduce((sum, hit) => sum + hit.swept, 0)
    table.push([phase, hits.length, countsText(left) || 'nothing', swept, remained])
  }
  return table.toString()
}
