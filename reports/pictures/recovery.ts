import type { TopLevelSpec } from 'vega-lite'

import { formatDuration } from '../../harness/duration.ts'
import type { DelayFacts, RecoveryFacts } from '../facts/recovery.ts'
import type { RemedyFacts } from '../facts/remedies.ts'
import { rowLabels } from './machine-name.ts'
import { renderPicture } from './render.ts'
import { cutText } from './text-width.ts'
import { theme } from './theme.ts'

type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]

/** Rows that one picture shows: more is no picture any more. */
const mostRows = 48

/** Width of the part with scales, and of the labels to its left and its right, in pixels. */
const [plotWidth, labelWidth] = [540, 230]

const kinds = {
  predicted: { name: 'predicted by the model of the back-off', colour: theme.series2 },
  measured: { name: 'measured', colour: theme.series1 },
} as const

/**
 * How long the controller left each failed pod of a DaemonSet, against what the model of its back-off had predicted, and
 * how long remedies took. Null: no back-off was predicted, and nothing was done against one.
 */
export async function recoveryPicture(facts: RecoveryFacts, title: string): Promise<string | null> {
  const predicted = facts.delays.filter(({ predictedMs }) => predictedMs !== null)
  const delays = predicted.length > 0 ? facts.delays.slice(-mostRows) : []
  const views = [
    ...(delays.length > 0 ? [delayView(delays, facts)] : []),
    ...(facts.remedies.length > 0 ? [remedyView(facts.remedies, facts.cluster)] : []),
  ]
  if (views.length === 0) return null
  const spec: TopLevelSpec = {
    title: { text: cutText(title, 900, 15), subtitle: subtitle(facts, delays.length) },
    vconcat: views,
    spacing: 28,
    resolve: { scale: { color: 'independent', shape: 'independent', size: 'independent' } },
  }
  return renderPicture(spec, { title: `Back-off: ${title}`, description: describe(facts, delays) })
}

function subtitle({ delays, omitted, objectiveMs }: RecoveryFacts, shown: number): string[] {
  const left = delays.length + omitted - shown
  return [
    'How long the DaemonSet controller left each failed pod before it made a new one: each deletion doubles its back-off',
    ...(left > 0 && shown > 0 ? [`the last ${shown} of ${delays.length + omitted} failed pods`] : []),
    ...(objectiveMs === null ? [] : [`objective: every DaemonSet pod is Ready within ${formatDuration(objectiveMs)}`]),
  ]
}

interface Dot {
  readonly row: string
  readonly kind: string
  readonly seconds: number
  readonly description: string
}

function delayView(delays: readonly DelayFacts[], { objectiveMs }: RecoveryFacts): View {
  const rows = rowLabels(delays.map(rowName), labelWidth)
  const row = (index: number) => rows[index] ?? ''
  const dots = delays.flatMap((delay, index): Dot[] => {
    const values = [
      [kinds.predicted.name, delay.predictedMs],
      [kinds.measured.name, delay.measuredMs],
    ] as const
    return values.flatMap(([kind, ms]) => {
      if (ms === null) return []
      return [
        {
          row: row(index),
          kind,
          seconds: Math.max(0, ms / 1_000),
          description: `${row(index)}: ${kind} ${formatDuration(ms)}`,
        },
      ]
    })
  })
  const spans = delays.flatMap(({ predictedMs, measuredMs }, index) =>
    predictedMs === null || measuredMs === null
      ? []
      : [{ row: row(index), from: predictedMs / 1_000, to: measuredMs / 1_000 }],
  )
  const most = Math.max(1, ...dots.map(({ seconds }) => seconds), (objectiveMs ?? 0) / 1_000)
  const notes = delays.map((delay, index) => ({ row: row(index), note: note(delay) }))
  const axis = { labelLimit: labelWidth + 40 }
  const y = { field: 'row', type: 'nominal' as const, sort: null, title: null, scale: { domain: rows }, axis }
  const x = {
    field: 'seconds',
    type: 'quantitative' as const,
    title: 'seconds from the failure of a pod to its deletion (each line is twice the one before)',
    scale: { type: 'symlog' as const, constant: 1, domain: [0, most * 1.2], nice: false },
    axis: { values: powersOfTwo(most), format: 'd', grid: true },
  }
  const kind = { field: 'kind', type: 'nominal' as const, legend: { title: null } }
  const domain = names(kinds)
  return {
    width: plotWidth,
    height: { step: 19 },
    layer: [
      ...(objectiveMs === null ? [] : objective(objectiveMs, x)),
      {
        name: 'difference',
        data: { values: spans },
        mark: { type: 'rule', aria: false, color: theme.muted, strokeWidth: 1.5 },
        encoding: { y, x: { ...x, field: 'from' }, x2: { field: 'to' } },
      },
      {
        name: 'delays',
        data: { values: dots },
        mark: { type: 'point', size: 70, filled: true, opacity: 1 },
        encoding: {
          y,
          x,
          color: { ...kind, scale: { domain, range: Object.values(kinds).map(({ colour }) => colour) } },
          shape: { ...kind, scale: { domain, range: ['diamond', 'circle'] } },
          size: { ...kind, scale: { domain, range: [150, 45] } },
          description: { field: 'description', type: 'nominal' },
        },
      },
      {
        name: 'notes-head',
        data: { values: [{ text: 'predicted → measured' }] },
        mark: { type: 'text', aria: false, align: 'left', x: plotWidth + 12, y: -8, color: theme.muted },
        encoding: { text: { field: 'text', type: 'nominal' } },
      },
      {
        name: 'notes',
        data: { values: notes },
        mark: { type: 'text', aria: false, align: 'left', x: plotWidth + 12, color: theme.muted },
        encoding: { y, text: { field: 'note', type: 'nominal' } },
      },
    ],
  }
}

type Layer = Extract<View, { layer: unknown }>['layer'][number]
type Unit = Extract<Layer, { mark: unknown }>
type Position = NonNullable<NonNullable<Unit['encoding']>['x']>

function objective(objectiveMs: number, x: Position): Layer[] {
  const data = { values: [{ seconds: objectiveMs / 1_000, label: `objective ${formatDuration(objectiveMs)}` }] }
  return [
    {
      name: 'objective',
      data,
      mark: { type: 'rule', aria: false, color: theme.missed, strokeDash: [5, 4], strokeWidth: 1.5 },
      encoding: { x },
    },
    {
      name: 'objective-label',
      data,
      mark: { type: 'text', aria: false, color: theme.missed, align: 'center', y: -8 },
      encoding: { x, text: { field: 'label', type: 'nominal' } },
    },
  ]
}

function rowName({ reboot, owner, pod, reason }: DelayFacts): string {
  const what = owner === '' ? pod : owner.replace(/^DaemonSet\//, '')
  return `${reboot === 0 ? 'before' : `reboot ${reboot}`} · ${what} · ${reason}`
}

/** What stands beside a row: the two figures in words. */
function note({ predictedMs, measuredMs }: DelayFacts): string {
  const measured = measuredMs === null ? 'not deleted by the end' : shortly(measuredMs)
  return `${predictedMs === null ? '?' : shortly(predictedMs)} → ${measured}`
}

/** `7 ms`, `4.2 s` */
function shortly(ms: number): string {
  return ms > 0 && ms < 100 ? `${Math.round(ms)} ms` : formatDuration(ms)
}

function remedyView(remedies: readonly RemedyFacts[], cluster: string | null): View {
  const bars = remedies.flatMap((remedy) => remedyBars(remedy, cluster))
  const rows = rowLabels(
    bars.map(({ row }) => row),
    labelWidth,
  )
  const y = { field: 'row', type: 'nominal' as const, sort: null, title: null, axis: { labelLimit: labelWidth + 40 } }
  const x = {
    field: 'seconds',
    type: 'quantitative' as const,
    title: "seconds from the node's return until every DaemonSet pod, or the capacity, is back",
    scale: { domainMin: 0 },
  }
  return {
    width: plotWidth,
    height: { step: 24 },
    data: { values: bars.map((bar, index) => Object.assign({}, bar, { row: rows[index] })) },
    layer: [
      {
        name: 'remedies',
        mark: { type: 'bar', cornerRadiusEnd: 2 },
        encoding: {
          y,
          x,
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: ['remedy', 'missed', 'model'], range: [theme.met, theme.missed, theme.series2] },
            legend: null,
          },
          description: { field: 'note', type: 'nominal' },
        },
      },
      {
        name: 'remedy-notes',
        mark: { type: 'text', aria: false, align: 'left', x: plotWidth + 12, color: theme.muted },
        encoding: { y, text: { field: 'note', type: 'nominal' } },
      },
    ],
  }
}

interface RemedyBar {
  readonly row: string
  readonly kind: 'remedy' | 'missed' | 'model'
  readonly seconds: number
  readonly note: string
}

/** With the remedy, and without it. */
function remedyBars({ name, appliedAt, tookMs, withinMs, storm }: RemedyFacts, cluster: string | null): RemedyBar[] {
  const from = storm.nodeReadyAt
  const took = tookMs === null ? `not within ${formatDuration(withinMs)}` : formatDuration(tookMs)
  const withIt: RemedyBar = {
    row: cluster === null ? name : name.replaceAll(`${cluster}-`, ''),
    kind: tookMs === null ? 'missed' : 'remedy',
    seconds: (appliedAt - from + (tookMs ?? withinMs)) / 1_000,
    note: `${took} (objective ${formatDuration(withinMs)})`,
  }
  const withoutMs = Math.max(0, storm.predictedAt - storm.nodeReadyAt)
  const without: RemedyBar = {
    row: 'nothing is done (predicted)',
    kind: 'model',
    seconds: withoutMs / 1_000,
    note: `${formatDuration(withoutMs)} at the earliest`,
  }
  return [withIt, without]
}

function names(values: Readonly<Record<string, { readonly name: string }>>): string[] {
  return Object.values(values).map(({ name }) => name)
}

/** 0, 1, 2, 4, … up to `most` or the first beyond it. */
function powersOfTwo(most: number): number[] {
  const values = [0, 1]
  for (let value = 2; value <= most * 1.2 && values.length < 20; value *= 2) values.push(value)
  return values
}

function describe({ objectiveMs, remedies }: RecoveryFacts, delays: readonly DelayFacts[]): string {
  const both = delays.flatMap(({ predictedMs, measuredMs }) =>
    predictedMs === null || measuredMs === null ? [] : [Math.abs(predictedMs - measuredMs)],
  )
  const longest = Math.max(0, ...delays.map(({ predictedMs, measuredMs }) => predictedMs ?? measuredMs ?? 0))
  return [
    ...(delays.length > 0
      ? [`${delays.length} failed pods of DaemonSets. The longest back-off is ${formatDuration(longest)}.`]
      : []),
    ...(both.length > 0
      ? [`Predicted and measured delay differ by ${formatDuration(Math.max(...both))} at most, in ${both.length} pods.`]
      : []),
    ...(objectiveMs === null ? [] : [`The objective is ${formatDuration(objectiveMs)}.`]),
    ...remedies.map(
      ({ name, tookMs, withinMs }) =>
        `${name}: ${tookMs === null ? `not back within ${formatDuration(withinMs)}` : `back after ${formatDuration(tookMs)}`}.`,
    ),
  ].join(' ')
}
