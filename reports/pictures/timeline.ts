import type { TopLevelSpec } from 'vega-lite'

import type { TimelineFacts } from '../facts/timeline.ts'
import { renderPicture } from './render.ts'
import { pictureWidth, theme } from './theme.ts'
import { barLabel, columns, fontSize, place, placeLegend } from './timeline-place.ts'
import { asLines, cutText } from './text-width.ts'
import { expectationResult, type Rows, seconds, timelineRows } from './timeline-rows.ts'

type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number]

// As a literal, which TypeScript would take for any text inside of an object.
const quantitative = 'quantitative' as const

/**
 * What happened in a scenario, side by side: what was done to the cluster, what became of its nodes and pods, who was
 * elected, and what was expected with its budget and the time that it took. Null: nothing happened at all.
 */
export async function timelinePicture(facts: TimelineFacts, title: string): Promise<string | null> {
  const rows = timelineRows(facts)
  if (rows.rows.length === 0 || facts.durationMs <= 0) return null
  return renderPicture(timelineSpec(facts, rows, title), { title, description: description(facts, rows) })
}

/** Exported for its tests. */
export function timelineSpec(facts: TimelineFacts, { rows, leftOut }: Rows, title: string): TopLevelSpec {
  const duration = facts.durationMs / 1_000
  const placed = place(rows, duration)
  const height = placed.height
  const bars = placed.bars.filter(({ shape }) => shape === 'solid' || shape === 'faint')
  const legend = placeLegend(placed.bars.map(({ tone }) => tone))
  const faults = facts.windows.filter(({ kind }) => kind === 'fault')
  const x = { field: 'x', type: quantitative, scale: { domain: [0, duration], nice: false } }
  const y = { field: 'y', type: quantitative, scale: { domain: [0, height], range: [0, height] }, axis: null }
  const box = { x, x2: { field: 'x2' }, y, y2: { field: 'y2' }, description: { field: 'title' } }
  const label = { y, text: { field: 'text' }, description: { field: 'title' } }
  const colour = { field: 'colour', type: 'nominal' as const, scale: null }
  const layer: Layer[] = [
    {
      name: 'fault-bands',
      data: { values: faults.map(({ from, to }) => ({ x: from / 1_000, x2: to / 1_000, y: 0, y2: height })) },
      mark: { type: 'rect', color: theme.fault, opacity: 0.09, aria: false },
      encoding: {
        x: { ...x, axis: { title: 'seconds since the scenario began', tickCount: 10, grid: true, labelFlush: false } },
        x2: { field: 'x2' },
        y,
        y2: { field: 'y2' },
      },
    },
    {
      name: 'fault-strikes',
      data: { values: faults.flatMap(({ struck }) => (struck === null ? [] : [{ x: struck / 1_000 }])) },
      mark: { type: 'rule', color: theme.fault, strokeDash: [3, 3], opacity: 0.7, aria: false },
      encoding: { x },
    },
    {
      name: 'bars',
      data: {
        values: bars.map((bar) => ({ ...bar, colour: theme[bar.tone], shade: bar.shape === 'faint' ? 0.4 : 1 })),
      },
      mark: { type: 'rect', cornerRadius: 1.5 },
      encoding: {
        ...box,
        color: colour,
        opacity: { field: 'shade', type: 'quantitative', scale: null, legend: null },
      },
    },
    {
      name: 'budgets',
      data: { values: placed.bars.filter(({ shape }) => shape === 'outline') },
      mark: { type: 'rect', filled: false, stroke: theme.budget, strokeWidth: 1, cornerRadius: 1.5 },
      encoding: box,
    },
    {
      // A budget that goes on beyond the end has no right edge, and one from before the beginning no left one.
      name: 'open-budgets',
      data: {
        values: placed.bars.flatMap(({ x: left, x2: right, y: over, y2: under, begunBefore, goesOn }) => [
          ...(begunBefore === true ? [{ x: left, y: over, y2: under }] : []),
          ...(goesOn === true ? [{ x: right, y: over, y2: under }] : []),
        ]),
      },
      mark: { type: 'rule', color: theme.paper, strokeWidth: 3, aria: false },
      encoding: { x, y, y2: { field: 'y2' } },
    },
    {
      name: 'moments',
      data: {
        values: placed.bars
          .filter(({ shape }) => shape === 'point')
          .map(({ x: at, middle, tone, title: text }) => ({ x: at, y: middle, colour: theme[tone], title: text })),
      },
      mark: { type: 'point', shape: 'diamond', size: 60, filled: true, opacity: 1 },
      encoding: { x, y, color: colour, description: { field: 'title' } },
    },
    {
      name: 'bar-labels',
      data: { values: bars.flatMap((bar) => barLabel(bar, duration)) },
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'middle',
        dx: 4,
        fontSize: fontSize - 1,
        color: theme.onMark,
      },
      encoding: { ...label, x },
    },
    {
      name: 'labels',
      data: { values: placed.labels },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize, color: theme.ink },
      encoding: { ...label, x: { field: 'left', type: 'quantitative', scale: null } },
    },
    {
      name: 'legend',
      data: { values: legend },
      mark: { type: 'point', shape: 'square', size: 90, filled: true, opacity: 1, aria: false },
      encoding: { x: { field: 'left', type: quantitative, scale: null }, y, color: colour },
    },
    {
      name: 'legend-labels',
      data: { values: legend },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 9, fontSize, color: theme.ink, aria: false },
      encoding: { x: { field: 'left', type: quantitative, scale: null }, y, text: { field: 'text' } },
    },
    {
      name: 'headings',
      data: { values: placed.headings },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize, fontWeight: 'bold', color: theme.muted },
      encoding: { ...label, x: { value: -columns.label } },
    },
    {
      name: 'results',
      data: { values: placed.results },
      mark: { type: 'text', align: 'left', baseline: 'middle', fontSize },
      encoding: {
        ...label,
        x: { value: columns.plot + 8 },
        color: colour,
      },
    },
  ]
  return {
    width: columns.plot,
    height,
    title: {
      text: cutText(title, pictureWidth - 40, 15),
      subtitle: [
        ...asLines(verdictText(facts), pictureWidth - 40, 12, 3),
        ...(leftOut.length === 0 ? [] : [`Not shown: ${leftOut.join(', ')}.`]),
      ],
      subtitleColor: theme[facts.outcome === 'violates' ? 'missed' : facts.outcome === 'conforms' ? 'met' : 'muted'],
    },
    layer,
    resolve: { scale: { color: 'independent', opacity: 'independent' } },
  }
}

function verdictText({ outcome, because }: TimelineFacts): string {
  return [outcome ?? 'no verdict', because].filter((text) => text !== '').join(' · ')
}

/** The picture in words. */
function description(facts: TimelineFacts, { leftOut }: Rows): string {
  const { durationMs, windows, nodes, pods, expectations } = facts
  const count = (outcome: string) => expectations.filter((bar) => bar.outcome === outcome).length
  const done = windows.map(({ name, target, from, to }) => `${name} ${target} from ${seconds(from)} to ${seconds(to)}`)
  const missed = expectations.filter(({ outcome }) => outcome === 'missed')
  return [
    `${verdictText(facts)}.`,
    `A timeline of ${seconds(durationMs)} with ${nodes.length} nodes and ${pods.length} pods that were not Ready all the time.`,
    done.length === 0 ? 'Nothing was done to the cluster.' : `What was done: ${done.slice(0, 10).join('; ')}.`,
    `${count('met')} expectations were met and ${count('missed')} missed.`,
    ...missed.map((bar) => `Missed: ${bar.name} (${expectationResult(bar)}).`),
    ...(leftOut.length === 0 ? [] : [`Not shown: ${leftOut.join(', ')}.`]),
  ].join(' ')
}
