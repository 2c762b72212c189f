import { asExpected, type Verdict } from '../harness/verdict.ts'
import { columnsOf, cut, fill, printable } from '../reports/columns.ts'
import { type Paint, plain, type Style } from '../reports/paint.ts'
import { tookText } from '../reports/tightest.ts'
import { outcomeStyles } from '../reports/verdict-line.ts'
import { foldVerdicts, type VerdictFold } from './verdict-folds.ts'

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly paint?: Paint
}

/** What a row says, in the order of its columns. */
interface Row {
  readonly outcome: string
  readonly style: Style
  readonly scenario: string
  readonly cluster: string
  readonly took: string
  /** The diagnosis; empty: none. */
  readonly code: string
  /** The rest of a counter-test's name: what the scenario is run against. */
  readonly against: string
  /** What is worth its room only where there is some: the name of the expectation, or why it was skipped. */
  readonly note: string
}

const head: Row = {
  outcome: 'outcome',
  style: 'dim',
  scenario: 'scenario',
  cluster: 'cluster',
  took: 'took / budget',
  code: '',
  against: '',
  note: 'diagnosis, expectation',
}

/**
 * All verdicts of a run, a row each: by scenario, repetitions folded, and what is not as declared at the end, where a
 * reader looks. No line is wider than the terminal.
 */
export function verdictTable(verdicts: readonly Verdict[], { width, paint = plain }: TableOptions): string {
  const folds = foldVerdicts(verdicts).toSorted((left, right) => compare(left.verdict, right.verdict))
  const declared = folds.filter(({ verdict }) => asExpected(verdict)).map(rowOf)
  const others = folds.filter(({ verdict }) => !asExpected(verdict)).map(rowOf)
  const layout = layoutOf([head, ...declared, ...others], width)
  const draw = (row: Row) => drawRow(row, layout, paint)
  return [
    ...draw(head),
    paint('dim', '─'.repeat(layout.width)),
    ...declared.flatMap(draw),
    ...(others.length === 0 ? [] : [...(declared.length === 0 ? [] : ['']), paint('bold', 'not as declared')]),
    ...others.flatMap(draw),
  ].join('\n')
}

function compare(left: Verdict, right: Verdict): number {
  return left.scenario.localeCompare(right.scenario, 'en') || left.cluster.localeCompare(right.cluster, 'en')
}

function rowOf({ verdict, times, tightest }: VerdictFold): Row {
  const { outcome, diagnosis, reason, cluster } = verdict
  const [, scenario = '', against = ''] = /^(.*?)( against .*)?$/.exec(printable(verdict.scenario)) ?? []
  return {
    outcome,
    style: outcome === 'violates' && asExpected(verdict) ? 'yellow' : outcomeStyles[outcome],
    scenario: times === 1 ? scenario : `${scenario} ×${times}`,
    cluster: printable(cluster),
    took: tightest === null ? '' : tookText(tightest),
    code: diagnosis?.code ?? '',
    against: against.trim(),
    note: printable(outcome === 'skipped' ? reason : (tightest?.name ?? reason)),
  }
}

const gap = '  '

/** How wide the columns are that every row has. */
interface Layout {
  readonly width: number
  readonly outcome: number
  readonly scenario: number
  readonly cluster: number
  readonly took: number
  /** Whether they stand side by side. */
  readonly isWide: boolean
}

function layoutOf(rows: readonly Row[], terminal: number): Layout {
  const widest = (column: (row: Row) => string) => Math.max(...rows.map((row) => columnsOf(column(row))))
  const columns = {
    outcome: widest(({ outcome }) => outcome),
    scenario: widest(({ scenario }) => scenario),
    cluster: widest(({ cluster }) => cluster),
    took: widest(({ took }) => took),
  }
  const sum = columns.outcome + columns.scenario + columns.cluster + columns.took + 3 * gap.length
  const width = Math.min(terminal, sum + gap.length + widest(({ code, note }) => notes(code, note)))
  return { ...columns, width, isWide: sum <= width }
}

function notes(code: string, note: string): string {
  return [code, note].filter((text) => text !== '').join(gap)
}

/** A note in fewer columns says nothing. */
const shortestNote = 12

function drawRow(row: Row, layout: Layout, paint: Paint): string[] {
  const { width } = layout
  const indent = ' '.repeat(layout.outcome + gap.length)
  const outcome = paint(row.style, fill(row.outcome, layout.outcome))
  if (!layout.isWide) {
    const room = width - indent.length
    const below = [[row.cluster, row.took].join(gap), row.against, row.code].filter((text) => text.trim() !== '')
    return [`${outcome}${gap}${cut(row.scenario, room)}`, ...below.map((text) => indent + cut(text, room))]
  }
  const columns = [fill(row.scenario, layout.scenario), fill(row.cluster, layout.cluster), fill(row.took, layout.took)]
  const room = width - columnsOf(indent + columns.join(gap)) - gap.length
  const beside = besideText(row, room)
  const below = [row.against, beside.startsWith(row.code) ? '' : row.code].filter((text) => text !== '').join(gap)
  return [
    `${outcome}${gap}${columns.join(gap)}${gap}${paint(row.style === 'green' ? 'dim' : row.style, beside)}`.trimEnd(),
    ...(below === '' ? [] : [indent + cut(below, width - indent.length)]),
  ]
}

/** The diagnosis where there is room for all of it, then the note as far as there is. */
function besideText({ code, note }: Row, room: number): string {
  if (columnsOf(code) > room) return ''
  const left = code === '' ? room : room - columnsOf(code) - gap.length
  return notes(code, columnsOf(note) > left && left < shortestNote ? '' : cut(note, left))
}
