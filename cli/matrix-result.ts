import Table from 'cli-table3'

import { formatDuration } from '../harness/duration.ts'
import { asExpected, outcomes, type Verdict } from '../harness/verdict.ts'
import { printable } from '../reports/columns.ts'

/** What came of a leg. */
export interface LegResult {
  readonly name: string
  /** Of `npm start`; null: it did not run, or was ended. */
  readonly exitCode: number | null
  /** Why it did not come to its end, in words; empty: it did. */
  readonly reason: string
  readonly verdicts: readonly Verdict[]
  /** Milliseconds. */
  readonly tookMs: number
}

/** The exit codes of `npm start`, the worst last: that something violates says more than that another leg said nothing. */
const severity = [0, 3, 2, 1]

/** The worst of the legs' exit codes. A leg that did not come to its end has concluded nothing (3). */
export function worstExitCode(results: readonly Pick<LegResult, 'exitCode'>[]): number {
  const codes = new Set(
    results.map(({ exitCode }) => (exitCode !== null && severity.includes(exitCode) ? exitCode : 3)),
  )
  return severity.findLast((code) => codes.has(code)) ?? 3
}

/** One row a leg, in the order in which they ran. */
export function matrixTable(results: readonly LegResult[]): string {
  const table = new Table({
    head: ['leg', 'Kubernetes', ...outcomes, 'not as declared', 'took', 'exit code'],
    style: { head: [], border: [], compact: true },
  })
  table.push(...results.map(row))
  return table.toString()
}

function row({ name, exitCode, reason, verdicts, tookMs }: LegResult): string[] {
  const versions = [
    ...new Set(verdicts.map(({ distribution }) => printable(distribution.kubernetes)).filter((text) => text !== '')),
  ]
  return [
    name,
    versions.join(', '),
    ...outcomes.map((outcome) => count(verdicts.filter((verdict) => verdict.outcome === outcome))),
    count(verdicts.filter((verdict) => !asExpected(verdict))),
    tookMs === 0 ? '' : formatDuration(tookMs),
    reason === '' ? String(exitCode ?? '') : reason,
  ]
}

function count(of: readonly unknown[]): string {
  return of.length === 0 ? '' : String(of.length)
}
