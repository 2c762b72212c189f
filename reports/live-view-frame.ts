import path from 'node:path'

import { formatDuration } from '../harness/duration.ts'
import { outcomes } from '../harness/verdict.ts'
import { columnsOf, cut, printable } from './columns.ts'
import { type FileState, type RunState, type Tally, verdictCount, worksOf } from './live-view-state.ts'
import type { FaultState, WaitState, Work } from './live-view-work.ts'
import { type Paint, plain, type Style } from './paint.ts'
import { unitProject } from './run-events.ts'
import { outcomeStyles } from './verdict-line.ts'

/** What a frame is drawn for. */
export interface View {
  /** Of the terminal. */
  readonly columns: number
  readonly rows: number
  /** In milliseconds of the run's clock. */
  readonly now: number
  readonly paint?: Paint
}

/** A piece of a line in its style. */
type Piece = readonly [style: Style | null, text: string]
type Line = readonly Piece[]

/**
 * The live view: a head line, and a block for each file that runs. No line is wider than the terminal, and there are
 * fewer lines than it has rows: what says least goes first.
 */
export function frame(state: RunState, { columns, rows, now, paint = plain }: View): string[] {
  const head = headLine(state, now)
  const blocks = state.running
    .filter(({ project }) => project !== unitProject)
    .flatMap((file) => blocksOf(state, file, now))
  const units = state.running.filter(({ project }) => project === unitProject)
  const below = units.length === 0 ? [] : [[[null, `  ${units.map(({ file }) => file).join('  ')}`]] satisfies Line]
  // The line that the cursor stands in, and one to scroll into.
  const room = Math.max(1, rows - 2)
  for (let depth = deepest; depth >= 1; depth -= 1) {
    const lines = [head, ...below, ...blocks.flatMap((block) => block.slice(0, depth))]
    if (lines.length <= room || depth === 1) return lines.slice(0, room).map((line) => draw(line, columns - 1, paint))
  }
  return []
}

const deepest = 4

function headLine({ id, wanted, tally, isAtUnits }: RunState, now: number): Line {
  const count = verdictCount(tally)
  const files = `${tally.files.ended} of ${tally.files.all} files`
  const begin: Piece[] = [
    ['bold', `run ${id}`],
    ['dim', `  ${formatDuration(Math.max(0, now))}  `],
  ]
  if (isAtUnits) {
    const { passed, failed } = tally.tests
    return [
      ...begin,
      [null, `unit tests: ${files}, `],
      ['green', `${passed} passed`],
      ...(failed === 0 ? [] : [[null, ', '] satisfies Piece, ['red', `${failed} failed`] satisfies Piece]),
    ]
  }
  const ofWanted =
    wanted !== null && wanted >= count ? `${count} of ${plural(wanted, 'verdict')}` : plural(count, 'verdict')
  const parts = tallyPieces(tally)
  return [
    ...begin,
    [null, `${ofWanted}${parts.length === 0 ? '' : ': '}`],
    ...parts,
    ...(tally.files.all > 1 ? [['dim', `  ${files}`] satisfies Piece] : []),
  ]
}

function tallyPieces({ outcomes: counted, unexpected }: Tally): Piece[] {
  const pieces = outcomes
    .filter((outcome) => counted[outcome] > 0)
    .flatMap((outcome, index): Piece[] => [
      [null, index === 0 ? '' : ', '],
      [outcomeStyles[outcome], `${counted[outcome]} ${outcome}`],
    ])
  return unexpected === 0 ? pieces : [...pieces, [null, ', '], ['red', `${unexpected} not as declared`]]
}

/** The lines of a file, those that matter most first; one block for each cluster that something goes on at. */
function blocksOf(state: RunState, file: FileState, now: number): Line[][] {
  const works = worksOf(state, file)
  if (works.length === 0) {
    return [
      [
        [
          ['bold', label(file.file)],
          [null, '  is being prepared'],
          ['dim', `  ${clock(now - file.since)}`],
        ],
      ],
    ]
  }
  return works.map((work) => block(work, file, now))
}

function block(work: Work, { file }: FileState, now: number): Line[] {
  const wait = foremost(work.waits)
  const what = work.scenario?.name ?? label(file)
  const since = work.scenario?.since ?? work.startedAt
  return [
    [
      ['bold', printable(what)],
      ...(work.cluster === '' ? [] : [['cyan', `  ${printable(work.cluster)}`] satisfies Piece]),
      ['dim', `  ${clock(now - since)}`],
    ],
    ...(wait === null ? [] : [waitLine(wait, work.waits.length - 1, now)]),
    phaseLine(work, now),
    ...(wait?.seen ? [[['dim', `    last seen: ${printable(wait.seen)}`]] satisfies Line] : []),
  ]
}

/** `suites/recovery/power-cut.suite.ts` is `recovery/power-cut`. */
function label(file: string): string {
  return path
    .relative('suites', file)
    .replace(/\.(suite|counter)\.ts$/, (_, kind) => (kind === 'counter' ? ' (counter)' : ''))
}

/** What the verdict rests on before what the harness waits for, and of these what was begun last. */
function foremost(waits: readonly WaitState[]): WaitState | null {
  return waits.findLast(({ expected }) => expected) ?? waits.at(-1) ?? null
}

const barWidth = 20

function waitLine({ name, withinMs, since, expected }: WaitState, others: number, now: number): Line {
  const took = Math.max(0, now - since)
  const rest: Piece[] = [
    [null, ` ${expected ? '' : 'first: '}${printable(name)}`],
    ...(others > 0 ? [['dim', ` (and ${others} more)`] satisfies Piece] : []),
  ]
  if (withinMs === 0) return [[null, `  ${'·'.repeat(barWidth)} ${clock(took)}, never:`], ...rest]
  const share = Math.min(1, took / withinMs)
  const filled = Math.round(share * barWidth)
  const style = share < 0.5 ? 'green' : share < 0.8 ? 'yellow' : 'red'
  return [
    [null, '  '],
    [style, '█'.repeat(filled)],
    ['dim', '░'.repeat(barWidth - filled)],
    [null, ` ${clock(took)} / ${formatDuration(withinMs)} `],
    ...rest,
  ]
}

function phaseLine(work: Work, now: number): Line {
  const ago = clock(now - work.since)
  const step = work.step === '' ? '' : `: ${printable(work.step)}`
  switch (work.phase) {
    case 'starting':
      return [
        [null, `  starting the cluster${step}`],
        ['dim', `  ${ago}`],
      ]
    case 'settling':
      return [
        [null, `  waiting until the cluster is healthy${step}`],
        ['dim', `  ${ago}`],
      ]
    case 'idle':
      return [
        [null, `  between scenarios${step}`],
        ['dim', `  ${ago}`],
      ]
    case 'removing':
      return [
        [null, '  removing the cluster'],
        ['dim', `  ${ago}`],
      ]
    case 'removed':
      return [['dim', '  the cluster is removed']]
    case 'failed':
      return [
        ['red', '  the cluster failed'],
        ['dim', `  ${ago}`],
      ]
    case 'scenario': {
      const faults = faultsText(work.faults, now)
      const what = [printable(work.step), faults].filter((text) => text !== '').join('; ')
      return [[faults === '' ? null : 'yellow', `  ${what === '' ? 'no fault in effect' : what}`]]
    }
  }
}

/** The first and the last: what blocks for long begins early, and some (a process that was killed) are never undone. */
function faultsText(faults: readonly FaultState[], now: number): string {
  const [first, ...others] = faults
  if (first === undefined) return ''
  const last = others.at(-1)
  const more = others.length > 1 ? [`${others.length - 1} more`] : []
  return [first, ...(last === undefined ? [] : [last])]
    .map((fault) => faultText(fault, now))
    .concat(more)
    .join('; ')
}

function faultText({ name, on, state, since }: FaultState, now: number): string {
  const what = `${printable(name)} on ${printable(on)}`
  const time = clock(now - since)
  if (state === 'struck') return `${what}, struck ${time} ago`
  return `${state === 'injecting' ? 'injecting' : 'undoing'} ${what}  ${time}`
}

/** As `formatDuration`, but as wide for 2.0 s as for 2.1 s: what follows it must not jump. */
function clock(ms: number): string {
  const positive = Math.max(0, ms)
  return positive < 60_000 ? `${(positive / 1_000).toFixed(1)} s` : formatDuration(positive)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The pieces in their styles, cut where the terminal ends. */
function draw(line: Line, columns: number, paint: Paint): string {
  let left = columns
  let drawn = ''
  for (const [style, text] of line) {
    const fitting = cut(text, left)
    if (fitting === '') continue
    left -= columnsOf(fitting)
    drawn += style === null ? fitting : paint(style, fitting)
    if (fitting !== text) break
  }
  return drawn
}
