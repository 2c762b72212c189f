import path from 'node:path'

import type { Run } from '../harness/run.ts'
import { asExpected, outcomes, type Verdict } from '../harness/verdict.ts'
import { formatDuration } from '../harness/duration.ts'
import { broken } from '../reports/columns.ts'
import { type Paint, plain } from '../reports/paint.ts'
import { printable } from '../reports/printable.ts'
import { closeCalls, closeCallText, closeShare } from '../reports/tightest.ts'
import { verdictsPath } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { allureResults, builtReport } from './output-directory.ts'
import { verdictDetails } from './verdict-details.ts'
import { verdictTable } from './verdict-table.ts'

export interface Ending {
  readonly run: Pick<Run, 'id' | 'out' | 'keep' | 'workDirectory'>
  readonly verdicts: readonly Verdict[]
  /** Of which verdicts more is said than the table does: those not as declared, or all that do not conform. */
  readonly details: 'unexpected' | 'affected'
  /** How long the run took, in milliseconds. */
  readonly tookMs: number
  /** The commands that repeat what failed; none: nothing did. */
  readonly repeat: readonly string[]
  /** kubeconfig files of clusters that were kept. */
  readonly kubeconfigs: readonly string[]
  /** Journals of the run: one a file of scenarios. */
  readonly journals: readonly string[]
  /** Whether there are Allure results; vitest writes them only at its very end. */
  readonly allure: boolean
  /** Files for other programs, made of the verdicts. */
  readonly formats: readonly string[]
  /** The file that has everything which was not shown. */
  readonly log: string
  readonly paint?: Paint
  /** Columns of the terminal; default: as it has. */
  readonly width?: number
}

/** The text that a run ends with. */
export function endingText(ending: Ending): string {
  const { verdicts, paint = plain, width = process.stdout.columns || 100 } = ending
  const shown = verdicts.filter((verdict) => isDetailed(verdict, ending.details))
  const details = verdictDetails(shown, { paint, width: Math.max(60, width) })
  const files = fileLines(ending)
  return [
    verdicts.length === 0 ? 'no verdict was reached' : verdictTable(verdicts, { paint, width }),
    ...(details === '' ? [] : [details]),
    ...closeLines(verdicts, width),
    ...(verdicts.length === 0 ? [] : [countsText(verdicts, ending.tookMs)]),
    files.map(([label = '', value = '']) => `${label.padEnd(labelWidth)}${value}`).join('\n'),
  ].join('\n\n')
}

/** What was met, and only just: on a slower host it would be missed. */
function closeLines(verdicts: readonly Verdict[], width: number): string[] {
  const lines = closeCalls(verdicts).flatMap((call) => broken(`  ${printable(closeCallText(call))}`, width, 4))
  return lines.length === 0 ? [] : [[`more than ${closeShare * 100} % of its budget used`, ...lines].join('\n')]
}

/** `44 verdicts in 21 min: 30 conforms, 14 violates (12 as declared)`. */
export function countsText(verdicts: readonly Verdict[], tookMs: number): string {
  const parts = outcomes.flatMap((outcome) => {
    const all = verdicts.filter((verdict) => verdict.outcome === outcome)
    const declared = all.filter(asExpected).length
    const isAllDeclared = outcome === 'conforms' || outcome === 'skipped' ? declared === all.length : false
    const note = isAllDeclared ? '' : ` (${declared === all.length ? '' : `${declared} `}as declared)`
    return all.length === 0 ? [] : [`${all.length} ${outcome}${declared === 0 ? '' : note}`]
  })
  return `${verdicts.length} verdict${verdicts.length === 1 ? '' : 's'} in ${formatDuration(tookMs)}: ${parts.join(', ')}`
}

function isDetailed(verdict: Verdict, details: Ending['details']): boolean {
  if (!asExpected(verdict)) return true
  return details === 'affected' && (verdict.outcome === 'violates' || verdict.outcome === 'inconclusive')
}

function fileLines({ run, repeat, kubeconfigs, journals, allure, formats, log }: Ending): string[][] {
  const inOut = (file: string) => path.relative(run.out, file)
  return [
    [
      'verdicts',
      [verdictsPath(run.out), ...formats]
        .map((file, index) => (index === 0 ? shownPath(file) : inOut(file)))
        .join(', '),
    ],
    ...journalLines(run, journals),
    ...(allure ? [['allure', shownPath(allureResults(run.out))]] : []),
    ['log', shownPath(log)],
    ['report', `${shownPath(builtReport(run.out))} is built by: ${reportCommand(run.out)}`],
    ...kubeconfigs.map((file, index) => [
      index === 0 ? 'kept' : '',
      `kubectl --kubeconfig ${quote(shownPath(file))} get nodes`,
    ]),
    ...(run.keep ? [['remove', 'npm run sweep']] : []),
    ...repeat.map((command, index) => [index === 0 ? 'repeat' : '', command]),
  ]
}

/** One by its name, several as the pattern that finds them. */
function journalLines({ id, out }: Ending['run'], journals: readonly string[]): string[][] {
  const [only] = journals
  if (only === undefined) return []
  if (journals.length === 1) return [['journal', shownPath(only)]]
  return [['journals', `${shownPath(path.join(out, 'journal'))}/*-${id}*.jsonl (${journals.length})`]]
}

/** Without a directory it is the one that runs write into by default. */
function reportCommand(out: string): string {
  const shown = shownPath(out)
  return shown === 'reports/out' ? 'npm run report' : `npm run report -- ${quote(shown)}`
}

const labelWidth = 'verdicts  '.length

/** A word of a shell command, quoted where it has to be. */
export function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
