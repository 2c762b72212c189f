import Table from 'cli-table3'

import { formatDuration } from '../harness/duration.ts'
import type { ExpectationResult, Verdict } from '../harness/verdict.ts'
import { outcomeText } from '../reports/verdict-line.ts'

/** All verdicts of a run, one a row, in the order in which they were reached. */
export function verdictTable(verdicts: readonly Verdict[], width = terminalWidth()): string {
  const head = ['scenario', 'cluster', 'outcome', 'tightest expectation', 'diagnosis']
  const rows = verdicts.map((verdict) => [
    verdict.scenario,
    `${verdict.cluster}\n${distribution(verdict)}`,
    outcomeText(verdict),
    describeTightest(tightest(verdict.expectations)),
    verdict.diagnosis?.code ?? '',
  ])
  const table = new Table({
    head,
    colWidths: columnWidths([head, ...rows], width),
    wordWrap: true,
    style: { head: [], border: [] },
  })
  table.push(...rows)
  return table.toString()
}

/** The expectation that used up most of its budget; one that was missed is tighter than all that were met. */
export function tightest(expectations: readonly ExpectationResult[]): ExpectationResult | null {
  let found: ExpectationResult | null = null
  for (const expectation of expectations) {
    if (found === null || share(expectation) > share(found)) found = expectation
  }
  return found
}

function share({ tookMs, withinMs }: ExpectationResult): number {
  if (tookMs === null) return Number.POSITIVE_INFINITY
  // "At once" and "never" have no budget that could be used up.
  return withinMs === 0 ? 0 : tookMs / withinMs
}

function describeTightest(expectation: ExpectationResult | null): string {
  if (expectation === null) return ''
  const { name, tookMs, withinMs, budget } = expectation
  if (withinMs === 0) return `${name}: ${tookMs === null ? 'does not hold' : 'holds'} (${budget})`
  const took = tookMs === null ? 'missed' : formatDuration(tookMs)
  return `${name}: ${took} / ${formatDuration(withinMs)}`
}

function distribution({ distribution: { name, version, kubernetes } }: Verdict): string {
  return [name, version, kubernetes].filter((part) => part !== '').join(' ')
}

const borderWidth = 1
const padding = 2
const narrowest = 14

/** Each column as wide as its text where the terminal has room for that; the widest give way where it has not. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, column) => padding + widest(rows.map((row) => row[column] ?? '')))
  const room = width - borderWidth * (columns + 1)
  for (;;) {
    const excess = widths.reduce((sum, columnWidth) => sum + columnWidth, 0) - room
    const largest = Math.max(...widths)
    if (excess <= 0 || largest <= narrowest) return widths
    widths[widths.indexOf(largest)] = largest - 1
  }
}

function widest(cells: readonly string[]): number {
  return Math.max(...cells.flatMap((cell) => cell.split('\n')).map((line) => line.length))
}

function terminalWidth(): number {
  return Math.max(80, process.stdout.columns ?? 140)
}
