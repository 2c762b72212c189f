import type { TopLevelSpec } from 'vega-lite'

import { asExpected, type Verdict, type Verdicts } from '../../harness/verdict.ts'
import { tightest, tookText } from '../tightest.ts'
import { renderPicture } from './render.ts'
import { cutMiddle, cutText } from './text-width.ts'
import { pictureWidth, theme, type ToneName } from './theme.ts'

type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number]

/** One verdict of a past run. */
interface Dot {
  /** Position among the runs that are shown; the oldest is 1. */
  readonly run: number
  /** Of the tightest expectation: time taken by budget; null: it was missed, or there was none with a budget. */
  readonly share: number | null
  readonly isMissed: boolean
  readonly kind: Kind
  readonly title: string
  readonly result: string
}

type Kind = keyof typeof kinds

const kinds = {
  conforms: { tone: 'healthy', label: 'conforms' },
  declared: { tone: 'series1', label: 'violates, as it is declared to' },
  violates: { tone: 'unhealthy', label: 'violates' },
  inconclusive: { tone: 'waiting', label: 'inconclusive' },
  skipped: { tone: 'unknown', label: 'skipped' },
} as const satisfies Record<string, { readonly tone: ToneName; readonly label: string }>

/** A scenario on a cluster with one minor version of Kubernetes, over all runs. */
export interface TrendRow {
  readonly scenario: string
  /** The cluster, and where the runs had several, the version: `kind, Kubernetes 1.34`. */
  readonly on: string
  readonly dots: readonly Dot[]
}

const mostRuns = 100
const mostRows = 20
const columns = { label: 286, plot: 480, result: pictureWidth - 286 - 480 - 32 } as const
const heights = { row: 68, plot: 52 } as const
/** The top of a row, as a share of the budget; what was missed stands between the budget and it. */
const top = 1.25
const missedAt = 1.13
const quantitative = 'quantitative' as const

/**
 * How close scenarios came to their budgets over past runs, oldest first: one strip for each scenario, cluster and
 * minor version, those that violate or move most first. Null: no run has a verdict.
 */
export async function trendPicture(runs: readonly Verdicts[], title: string): Promise<string | null> {
  const rows = trendRows(runs)
  if (rows.length === 0) return null
  return renderPicture(trendSpec(rows, runs, title), { title, description: description(rows, runs) })
}

/** Exported for its tests: all rows, the one to look at first before the others. */
export function trendRows(runs: readonly Verdicts[]): TrendRow[] {
  const rows = new Map<string, { scenario: string; cluster: string; minor: string; dots: Dot[] }>()
  for (const [index, { run, verdicts }] of runs.slice(-mostRuns).entries()) {
    for (const verdict of verdicts) {
      const { scenario, cluster } = verdict
      // The legs of a matrix have one name for their clusters.
      const minor = minorOf(verdict.distribution.kubernetes)
      const key = JSON.stringify([scenario, cluster, minor])
      const row = rows.get(key) ?? { scenario, cluster, minor, dots: [] }
      rows.set(key, row)
      row.dots.push(dotOf(verdict, index + 1, run.startedAt))
    }
  }
  const legs = Map.groupBy(rows.values(), ({ scenario, cluster }) => JSON.stringify([scenario, cluster]))
  return [...legs.values()]
    .flatMap((same) =>
      same.map(({ scenario, cluster, minor, dots }) => ({
        scenario,
        on: same.length === 1 ? cluster : `${cluster}, Kubernetes ${minor === '' ? 'unknown' : minor}`,
        dots,
      })),
    )
    .toSorted((a, b) => interest(b) - interest(a) || (nameOf(a) < nameOf(b) ? -1 : 1))
}

function nameOf({ scenario, on }: TrendRow): string {
  return `${scenario} on ${on}`
}

/** `1.34` of `v1.34.4`; the version itself where it is none of Kubernetes' kind. */
function minorOf(version: string): string {
  return /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version
}

function dotOf(verdict: Verdict, run: number, at: string): Dot {
  const judged = tightest(verdict.expectations.filter(({ withinMs, tookMs }) => withinMs > 0 || tookMs === null))
  const share = judged === null || judged.tookMs === null ? null : judged.tookMs / judged.withinMs
  const kind = verdict.outcome === 'violates' && asExpected(verdict) ? 'declared' : verdict.outcome
  const tight = judged === null ? '' : `: ${judged.name}: ${tookText(judged)}`
  return {
    run,
    share,
    isMissed: judged !== null && judged.tookMs === null,
    kind,
    title: `${at}: ${kinds[kind].label}${tight}`,
    result: judged === null ? verdict.outcome : tookText(judged),
  }
}

/** Violations that nobody declared, changes of outcome, and how far the tightest expectation moved. */
function interest({ dots }: TrendRow): number {
  const shares = dots.flatMap(({ share }) => (share === null ? [] : [share]))
  const moved = shares.length === 0 ? 0 : Math.max(...shares) - Math.min(...shares)
  const changes = dots.filter(({ kind }, index) => index > 0 && kind !== dots[index - 1]?.kind).length
  const bad = dots.filter(({ kind }) => kind === 'violates').length
  const last = dots.at(-1)
  return bad * 100 + changes * 10 + moved + (last?.share ?? 0) / 10
}

function trendSpec(all: readonly TrendRow[], runs: readonly Verdicts[], title: string): TopLevelSpec {
  const rows = all.slice(0, mostRows)
  const shown = runs.slice(-mostRuns)
  const height = rows.length * heights.row
  const dots = rows.flatMap((row, index) => placeDots(row, index))
  const used = (Object.keys(kinds) as Kind[]).filter((kind) => dots.some((dot) => dot.label === kinds[kind].label))
  const domain = used.map((kind) => kinds[kind].label)
  const x = { field: 'run', type: quantitative, scale: { domain: [0.4, shown.length + 0.6], nice: false }, axis: null }
  const y = { field: 'y', type: quantitative, scale: { domain: [0, height], range: [0, height] }, axis: null }
  const text = { text: { field: 'text' }, description: { field: 'title' }, y }
  const guides = rows.flatMap((_, index) => [
    { y: yOf(1, index), colour: theme.missed, text: 'budget', labelY: yOf(1, index) - 3 },
    { y: yOf(0.8, index), colour: theme.waiting, text: '80 %', labelY: yOf(0.8, index) + 3 },
    { y: yOf(0, index), colour: theme.grid, text: '', labelY: 0 },
  ])
  const layer: Layer[] = [
    {
      name: 'guides',
      data: { values: guides },
      mark: { type: 'rule', strokeWidth: 1, strokeDash: [4, 3], aria: false },
      encoding: {
        y,
        x: { value: 0 },
        x2: { value: columns.plot },
        color: { field: 'colour', type: 'nominal', scale: null },
      },
    },
    {
      name: 'guide-labels',
      data: { values: guides.filter(({ text: label }) => label !== '') },
      mark: { type: 'text', align: 'right', baseline: 'middle', dx: -5, fontSize: 9, aria: false },
      encoding: {
        y,
        x: { value: 0 },
        text: { field: 'text' },
        color: { field: 'colour', type: 'nominal', scale: null },
      },
    },
    {
      name: 'lines',
      data: { values: dots.filter(({ isLine }) => isLine) },
      mark: { type: 'line', color: theme.budget, strokeWidth: 1, opacity: 0.6, aria: false },
      encoding: { x, y, detail: { field: 'row', type: 'nominal' } },
    },
    {
      name: 'dots',
      data: { values: dots },
      mark: { type: 'point', filled: true, opacity: 1, size: shown.length > 40 ? 18 : 42 },
      encoding: {
        x,
        y,
        color: {
          field: 'label',
          type: 'nominal',
          scale: { domain, range: used.map((kind) => theme[kinds[kind].tone]) },
          legend: { title: null, orient: 'top', columns: 0 },
        },
        shape: {
          field: 'shape',
          type: 'nominal',
          scale: { domain: ['circle', 'triangle-up', 'square'], range: ['circle', 'triangle-up', 'square'] },
          legend: null,
        },
        description: { field: 'title' },
      },
    },
    {
      name: 'labels',
      data: { values: rows.flatMap((row, index) => labelsOf(row, index)) },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11 },
      encoding: { ...text, x: { value: -columns.label }, color: { field: 'colour', type: 'nominal', scale: null } },
    },
    {
      name: 'results',
      data: {
        values: rows.map(({ dots: own }, index) => {
          const last = own.at(-1)
          const result = last?.result ?? ''
          const colour = theme[kinds[last?.kind ?? 'skipped'].tone]
          return { y: yOf(0.5, index), text: cutText(result, columns.result - 8, 11), title: last?.title ?? '', colour }
        }),
      },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: 11 },
      encoding: { ...text, x: { value: columns.plot + 8 }, color: { field: 'colour', type: 'nominal', scale: null } },
    },
  ]
  const hidden = [
    ...(all.length > rows.length ? [`${all.length - rows.length} scenarios that moved less`] : []),
    ...(runs.length > shown.length ? [`${runs.length - shown.length} older runs`] : []),
  ]
  return {
    width: columns.plot,
    height,
    title: {
      text: cutText(title, pictureWidth - 40, 15),
      subtitle: [
        `${span(shown)}. Time taken by budget, of the tightest expectation; a triangle: it was missed; a square: none was judged.`,
        ...(hidden.length === 0 ? [] : [`Not shown: ${hidden.join(', ')}.`]),
      ],
    },
    layer,
    resolve: { scale: { color: 'independent' } },
  }
}

function placeDots(row: TrendRow, index: number) {
  return row.dots.map(({ run, share, isMissed, kind, title }) => ({
    run,
    y: yOf(isMissed ? missedAt : (share ?? 0), index),
    row: nameOf(row),
    isLine: share !== null || isMissed,
    label: kinds[kind].label,
    shape: isMissed ? 'triangle-up' : share === null ? 'square' : 'circle',
    title: `${nameOf(row)}, ${title}`,
  }))
}

function labelsOf(row: TrendRow, index: number): object[] {
  const room = columns.label - 48
  const title = nameOf(row)
  return [
    { y: yOf(0.68, index), text: cutMiddle(row.scenario, room, 11), title, colour: theme.ink },
    { y: yOf(0.26, index), text: cutMiddle(`on ${row.on}`, room, 11), title, colour: theme.muted },
  ]
}

function yOf(share: number, index: number): number {
  return index * heights.row + 8 + (1 - Math.min(share, top) / top) * heights.plot
}

/** `12 runs, 2026-11-01 to 2026-11-21` */
function span(runs: readonly Verdicts[]): string {
  const [first = '', last = ''] = [runs[0], runs.at(-1)].map((run) => run?.run.startedAt.slice(0, 10))
  const when = first === last ? first : `${first} to ${last}`
  return `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${when}`
}

function description(rows: readonly TrendRow[], runs: readonly Verdicts[]): string {
  const bad = rows.filter(({ dots }) => dots.some(({ kind }) => kind === 'violates'))
  return [
    `How close ${rows.length} scenarios came to their budgets in ${span(runs.slice(-mostRuns))}.`,
    bad.length === 0
      ? 'None violated without being declared to.'
      : `Violated: ${bad.slice(0, 10).map(nameOf).join(', ')}.`,
    ...rows.slice(0, 10).map((row) => `${nameOf(row)}: last ${row.dots.at(-1)?.result ?? ''}.`),
  ].join(' ')
}
