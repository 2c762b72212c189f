import type { TopLevelSpec } from 'vega-lite'

import { asLines, cutMiddle, cutText } from './text-width.ts'
import type { TimelineFacts } from '../facts/timeline.ts'
import { renderPicture } from './render.ts'
import { pictureWidth, theme, type ToneName } from './theme.ts'
import { expectationResult, type Row, type RowBar, type Rows, seconds, timelineRows } from './timeline-rows.ts'

type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number]

/** Columns in pixels: what a line is about, what happened in it, what it came to. */
const columns = { label: 236, plot: 540, result: pictureWidth - 236 - 540 - 32 } as const
const heights = { heading: 26, lane: 19, bar: 13 } as const
const fontSize = 11
// As a literal, which TypeScript would take for any text inside of an object.
const quantitative = 'quantitative' as const

/** Under what the legend names a tone. */
const legend: Readonly<Partial<Record<ToneName, string>>> = {
  fault: 'fault in effect',
  series1: 'action',
  healthy: 'Ready, runs, or met',
  waiting: 'not yet',
  unhealthy: 'Failed, NotReady, or missed',
  off: 'off',
  series5: 'holder',
  unknown: 'done, or unknown',
}

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
  const meanings = [...new Set(bars.map(({ tone }) => meaning(tone)))]
  const tones = meanings.map(
    (text) => theme[(Object.keys(legend) as ToneName[]).find((tone) => legend[tone] === text) ?? 'ink'],
  )
  const faults = facts.windows.filter(({ kind }) => kind === 'fault')
  const x = { field: 'x', type: quantitative, scale: { domain: [0, duration], nice: false } }
  const y = { field: 'y', type: quantitative, scale: { domain: [0, height], range: [0, height] }, axis: null }
  const box = { x, x2: { field: 'x2' }, y, y2: { field: 'y2' }, description: { field: 'title' } }
  const label = { y, text: { field: 'text' }, description: { field: 'title' } }
  const layer: Layer[] = [
    {
      name: 'fault-bands',
      data: { values: faults.map(({ from, to }) => ({ x: from / 1_000, x2: to / 1_000, y: 0, y2: height })) },
      mark: { type: 'rect', color: theme.fault, opacity: 0.09, aria: false },
      encoding: {
        x: { ...x, axis: { title: 'seconds since the scenario began', tickCount: 10, grid: true } },
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
        values: bars.map((bar) => ({ ...bar, meaning: meaning(bar.tone), shade: bar.shape === 'faint' ? 0.4 : 1 })),
      },
      mark: { type: 'rect', cornerRadius: 1.5 },
      encoding: {
        ...box,
        color: {
          field: 'meaning',
          type: 'nominal',
          scale: { domain: meanings, range: tones },
          legend: { title: null, symbolType: 'square', orient: 'top', columns: 0, columnPadding: 16 },
        },
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
      name: 'moments',
      data: {
        values: placed.bars
          .filter(({ shape }) => shape === 'point')
          .map(({ x: at, middle, tone, title: text }) => ({ x: at, y: middle, colour: theme[tone], title: text })),
      },
      mark: { type: 'point', shape: 'diamond', size: 60, filled: true, opacity: 1 },
      encoding: { x, y, color: { field: 'colour', type: 'nominal', scale: null }, description: { field: 'title' } },
    },
    {
      name: 'bar-labels',
      data: { values: bars.flatMap((bar) => barLabel(bar, duration)) },
      mark: {
        type: 'text',
        align: 'left',
        baseline: 'middle',
        dx: 4,
        dy: 1,
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
        color: { field: 'colour', type: 'nominal', scale: null },
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

interface PlacedBar extends RowBar {
  /** Seconds. */
  readonly x: number
  readonly x2: number
  /** Pixels. */
  readonly y: number
  readonly y2: number
  readonly middle: number
}

/** Where each row's things stand: seconds from left to right, pixels from top to bottom. */
function place(rows: readonly Row[], duration: number) {
  const pixel = duration / columns.plot
  let top = 0
  const bars: PlacedBar[] = []
  const labels: object[] = []
  const headings: object[] = []
  const results: object[] = []
  for (const { kind, label, title, indent, bars: own, result, resultTone } of rows) {
    const height = kind === 'heading' ? heights.heading : heights.lane
    const middle = top + height / 2 + (kind === 'heading' ? 4 : 0)
    top += height
    if (kind === 'heading') {
      headings.push({ y: middle, text: label, title })
      continue
    }
    const left = indent ? 14 : 0
    const text = cutMiddle(label, columns.label - left - 10, fontSize)
    labels.push({ y: middle, text, title, left: left - columns.label })
    results.push({
      y: middle,
      text: cutText(result, columns.result - 8, fontSize),
      title: result,
      colour: theme[resultTone],
    })
    bars.push(...own.map((bar) => placeBar(bar, middle, pixel, duration)))
  }
  // What is wrong is drawn last: it must be seen however short it was.
  const order: readonly ToneName[] = ['unknown', 'healthy', 'series5', 'off', 'waiting', 'unhealthy', 'fault']
  return {
    height: top + 4,
    labels,
    headings,
    results,
    bars: bars.toSorted((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone)),
  }
}

function placeBar(bar: RowBar, middle: number, pixel: number, duration: number): PlacedBar {
  const half = bar.shape === 'outline' ? heights.bar / 2 : heights.bar / 2 - 1
  const x = bar.from / 1_000
  const end = bar.to / 1_000
  // A bar of less than two pixels would not be seen; one of many leaves a gap to the next.
  const x2 = end - x > 6 * pixel && bar.shape === 'solid' ? end - 0.75 * pixel : Math.max(end, x + 2 * pixel)
  return {
    ...bar,
    x: Math.min(x, Math.max(0, duration - 2 * pixel)),
    x2: Math.min(x2, duration),
    y: middle - half,
    y2: middle + half,
    middle,
  }
}

function barLabel(bar: PlacedBar, duration: number): object[] {
  const room = ((bar.x2 - bar.x) / duration) * columns.plot - 7
  const text = bar.label === '' ? '' : cutText(bar.label, room, fontSize - 1)
  if (text === '' || (text !== bar.label && text.length < 5)) return []
  return [{ x: bar.x, y: bar.middle, text, title: bar.title }]
}

function meaning(tone: ToneName): string {
  const same = tone === 'met' ? 'healthy' : tone === 'missed' ? 'unhealthy' : tone
  return legend[same] ?? same
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
