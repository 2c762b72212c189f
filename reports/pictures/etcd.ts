import type { TopLevelSpec } from 'vega-lite'

import { formatDuration } from '../../harness/duration.ts'
import type { EtcdFacts } from '../facts/etcd.ts'
import { type EtcdBar, type EtcdRow, etcdRows, kindsOfBars } from './etcd-rows.ts'
import { machineName } from './machine-name.ts'
import { renderPicture } from './render.ts'
import { cutText, textWidth } from './text-width.ts'
import { theme } from './theme.ts'

type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]
type Layer = Extract<View, { layer: unknown }>['layer'][number]

/** Width of the part with the time scale, in pixels, and height of a row. */
const [plotWidth, rowHeight] = [690, 26]

/**
 * What became of etcd: its members, who led them, whose writes were acknowledged, how far the log got, and the faults.
 * Null: nothing about it changed, nobody wrote all the while, and there were no faults or no members to be struck.
 */
export async function etcdPicture(facts: EtcdFacts, title: string): Promise<string | null> {
  const { members, faults, eventful, startedAt, endedAt } = facts
  const idle = !eventful && (members.length < 2 || faults.length === 0)
  if (idle || endedAt <= startedAt) return null
  const rows = etcdRows(facts)
  if (rows.length === 0) return null
  const seconds = (endedAt - startedAt) / 1_000
  const withIndex = facts.index.length > 1
  const bands = rows.flatMap(({ bars }) => bars.filter(({ kind }) => kind === 'fault'))
  const spec: TopLevelSpec = {
    title: { text: cutText(title, 900, 15), subtitle: subtitle },
    vconcat: [lanes(rows, bands, seconds, !withIndex), ...(withIndex ? [indexView(facts, bands, seconds)] : [])],
    spacing: 14,
  }
  return renderPicture(spec, { title: `etcd: ${title}`, description: describe(facts) })
}

const subtitle =
  'Members of etcd and who leads them, as one of them said about every two seconds, and what a writer saw meanwhile'

function lanes(rows: readonly EtcdRow[], bands: readonly EtcdBar[], seconds: number, withTime: boolean): View {
  const labels = rows.map(({ label }) => label)
  const bars = rows.flatMap(({ label, bars: ofRow }) =>
    ofRow.map((bar) => ({ ...bar, row: label, inside: fitting(bar, seconds), middle: (bar.from + bar.to) / 2 })),
  )
  const used = Object.entries(kindsOfBars).filter(([kind]) => bars.some((bar) => bar.kind === kind))
  const y = {
    field: 'row',
    type: 'nominal' as const,
    sort: null,
    title: null,
    scale: { domain: labels },
    axis: { domain: false, ticks: false, labelPadding: 8, labelColor: theme.ink },
  }
  const x = timeScale(seconds, withTime)
  const ticks = rows.flatMap(({ label, moments }) => moments.map((at) => ({ row: label, from: at })))
  return {
    width: plotWidth,
    height: { step: rowHeight },
    layer: [
      ...faultBands(bands, x),
      {
        name: 'bars',
        data: { values: bars },
        mark: { type: 'bar', height: rowHeight - 8, cornerRadius: 2, minBandSize: 2 },
        encoding: {
          y,
          x,
          x2: { field: 'to' },
          color: {
            field: 'name',
            type: 'nominal',
            scale: { domain: used.map(([, { name }]) => name), range: used.map(([, { colour }]) => colour) },
            legend: { title: null, symbolType: 'square' },
          },
          description: { field: 'description', type: 'nominal' },
        },
      },
      {
        name: 'moments',
        data: { values: ticks },
        mark: { type: 'tick', aria: false, color: theme.missed, thickness: 2, height: rowHeight - 8 },
        encoding: { y, x },
      },
      {
        name: 'inside',
        data: { values: bars.filter(({ inside }) => inside !== '') },
        mark: { type: 'text', aria: false, color: theme.onMark },
        encoding: { y, x: { ...x, field: 'middle' }, text: { field: 'inside', type: 'nominal' } },
      },
    ],
  }
}

/** Of the texts of a bar the first that it has room for. */
function fitting({ texts, from, to }: EtcdBar, seconds: number): string {
  const room = ((to - from) / seconds) * plotWidth - 4
  return texts.find((text) => textWidth(text, 11) <= room) ?? ''
}

function timeScale(seconds: number, withTime: boolean) {
  return {
    field: 'from',
    type: 'quantitative' as const,
    title: withTime ? 'seconds since the scenario began' : null,
    scale: { domain: [0, seconds], nice: false },
    axis: { grid: true, labels: withTime, ticks: withTime, domain: withTime },
  }
}

/** Over the whole height, so that what happened meanwhile can be told from what happened before. */
function faultBands(bands: readonly EtcdBar[], x: ReturnType<typeof timeScale>): Layer[] {
  if (bands.length === 0) return []
  return [
    {
      name: 'fault-bands',
      data: { values: bands.map(({ from, to }) => ({ from, to })) },
      mark: { type: 'rect', aria: false, color: theme.fault, opacity: 0.13 },
      encoding: { x, x2: { field: 'to' } },
    },
  ]
}

function indexView({ index, startedAt }: EtcdFacts, bands: readonly EtcdBar[], seconds: number): View {
  const x = timeScale(seconds, true)
  const points = index.map(({ t, raftIndex }) => ({ from: (t - startedAt) / 1_000, raftIndex }))
  return {
    width: plotWidth,
    height: 90,
    layer: [
      ...faultBands(bands, x),
      {
        name: 'raft-index',
        data: { values: points },
        mark: { type: 'line', aria: false, color: theme.series1, interpolate: 'linear', point: { size: 12 } },
        encoding: {
          x,
          y: {
            field: 'raftIndex',
            type: 'quantitative',
            title: 'raft index',
            scale: { zero: false },
            axis: { tickCount: 4, format: 'd' },
          },
        },
      },
    ],
  }
}

function describe({ members, leaders, writes, faults, cluster }: EtcdFacts): string {
  const names = members.map(({ id, names: seen, machine }) => seen.at(-1) ?? machine ?? id)
  const led = leaders.map(({ id, term }) => {
    const index = members.findIndex((member) => member.id === id)
    return id === null ? `nobody after term ${term}` : `${machineName(names[index] ?? id, cluster)} in term ${term}`
  })
  const longest = Math.max(0, ...writes.gaps.map(({ from, to }) => to - from))
  return [
    `${members.length} members of etcd: ${names.map((name) => machineName(name, cluster)).join(', ')}.`,
    ...(led.length > 0 ? [`Led by: ${led.slice(0, 20).join(', ')}.`] : []),
    ...(longest > 0 ? [`The longest time without an acknowledged write is ${formatDuration(longest)}.`] : []),
    ...(writes.failed.writes > 0 ? [`${writes.failed.writes} writes failed.`] : []),
    ...(faults.length > 0
      ? [
          `Faults: ${faults
            .slice(0, 20)
            .map(({ name }) => name)
            .join(', ')}.`,
        ]
      : []),
  ].join(' ')
}
