import type { TopLevelSpec } from 'vega-lite'

import { renderPicture } from './render.ts'
import { pictureWidth, seriesColours, theme } from './theme.ts'

/** One measurement at one size of the work. */
export interface GrowthPoint {
  readonly x: number
  readonly y: number
  /** Which of the panel's lines it is part of. */
  readonly series: string
}

export interface GrowthPanel {
  /** What is measured, with its unit: `memory of all machines, GiB`. */
  readonly title: string
  readonly points: readonly GrowthPoint[]
}

/** What grows, and what it costs. */
export interface GrowthColumn {
  /** `nodes`, `pods`, `events a second` */
  readonly title: string
  readonly panels: readonly GrowthPanel[]
}

type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]

const quantitative = 'quantitative' as const
const fromNothing = { domainMin: 0 }
/** The lines of one panel are not those of another. */
const ownColours = { scale: { color: 'independent' as const } }
const panel = { width: 216, height: 120 } as const

/** What work costs as it grows: a column for each thing that grows, a small chart for each cost. Null: nothing was measured. */
export async function growthPicture(all: readonly GrowthColumn[], title: string): Promise<string | null> {
  const columns = all.filter(({ panels }) => panels.some(({ points }) => points.length > 0))
  if (columns.length === 0) return null
  return renderPicture(growthSpec(columns, title), { title, description: description(columns) })
}

function growthSpec(columns: readonly GrowthColumn[], title: string): TopLevelSpec {
  return {
    title: { text: title, subtitle: 'Each point is measured; lines only join them. Every scale begins at 0.' },
    spacing: Math.floor((pictureWidth - columns.length * panel.width) / (columns.length + 2)),
    resolve: ownColours,
    hconcat: columns.map(({ title: grown, panels }) => ({
      spacing: 14,
      resolve: ownColours,
      vconcat: panels.filter(({ points }) => points.length > 0).map((each) => panelView(each, grown)),
    })),
  }
}

function panelView({ title, points }: GrowthPanel, grown: string): View {
  const series = [...new Set(points.map((point) => point.series))]
  const values = points.map((point) => ({
    ...point,
    title: `${point.series}: ${shown(point.y)} at ${point.x} ${grown}`,
  }))
  const last = series.flatMap((name) => values.findLast((point) => point.series === name) ?? [])
  const x = { field: 'x', type: quantitative, axis: { title: grown, grid: false, tickCount: 5 }, scale: fromNothing }
  const y = { field: 'y', type: quantitative, axis: { title: null, tickCount: 4 }, scale: fromNothing }
  const color = {
    field: 'series',
    type: 'nominal' as const,
    scale: { domain: series, range: seriesColours.slice(0, series.length) },
    legend: null,
  }
  return {
    ...panel,
    title: { text: title, fontSize: 12, color: theme.ink, offset: 6 },
    layer: [
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 1.5, aria: false },
        encoding: { x, y, color },
      },
      {
        data: { values },
        mark: { type: 'point', filled: true, opacity: 1, size: 34 },
        encoding: { x, y, color, description: { field: 'title' } },
      },
      // A line that is alone needs no name.
      ...(series.length === 1
        ? []
        : [
            {
              data: { values: last },
              mark: { type: 'text' as const, align: 'right' as const, dy: -9, aria: false },
              encoding: { x, y, color, text: { field: 'series' } },
            },
          ]),
    ],
  }
}

function shown(value: number): string {
  return Number(value.toPrecision(3)).toString()
}

function description(columns: readonly GrowthColumn[]): string {
  return columns
    .flatMap(({ title, panels }) =>
      panels.flatMap(({ title: cost, points }) => {
        const [first, last] = [points[0], points.at(-1)]
        if (first === undefined || last === undefined) return []
        return [`${cost}: ${shown(first.y)} at ${first.x} ${title}, ${shown(last.y)} at ${last.x}.`]
      }),
    )
    .join(' ')
}
