import { asLines, cutMiddle, cutText, textWidth } from './text-width.ts'
import { pictureWidth, theme, type ToneName } from './theme.ts'
import type { Row, RowBar } from './timeline-rows.ts'

/** Columns in pixels: what a line is about, what happened in it, what it came to. */
export const columns = { label: 286, plot: 500, result: pictureWidth - 286 - 500 - 32 } as const
const heights = { heading: 26, lane: 19, bar: 13 } as const
export const fontSize = 11

/** Under what the legend names a tone. */
const meanings: Readonly<Partial<Record<ToneName, string>>> = {
  fault: 'fault (pale: not yet in effect)',
  series1: 'action',
  healthy: 'Ready, runs, met',
  waiting: 'not yet',
  unhealthy: 'Failed, NotReady, missed',
  off: 'off',
  series5: 'holder',
  unknown: 'done, unknown',
}

export interface PlacedBar extends RowBar {
  /** Seconds. */
  readonly x: number
  readonly x2: number
  /** Pixels. */
  readonly y: number
  readonly y2: number
  readonly middle: number
}

/** Where each row's things stand: seconds from left to right, pixels from top to bottom. */
export function place(rows: readonly Row[], duration: number) {
  const pixel = duration / columns.plot
  let top = 0
  const bars: PlacedBar[] = []
  const labels: object[] = []
  const headings: object[] = []
  const results: object[] = []
  for (const { kind, label, title, indent, bars: own, result, resultTone } of rows) {
    const lines = kind === 'heading' ? [label] : labelLines(label, columns.label - (indent ? 24 : 10))
    const height = kind === 'heading' ? heights.heading : heights.lane + (lines.length - 1) * 11
    const middle = top + height / 2 + (kind === 'heading' ? 4 : 0)
    top += height
    if (kind === 'heading') {
      headings.push({ y: middle, text: label, title })
      continue
    }
    const left = indent ? 14 : 0
    for (const [index, text] of lines.entries()) {
      labels.push({ y: middle + (index - (lines.length - 1) / 2) * 12, text, title, left: left - columns.label })
    }
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

/** Names differ at their ends; sentences go on in a second line. */
function labelLines(label: string, width: number): string[] {
  return label.includes(' ') ? asLines(label, width, fontSize, 2) : [cutMiddle(label, width, fontSize)]
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

export function barLabel(bar: PlacedBar, duration: number): object[] {
  const room = ((bar.x2 - bar.x) / duration) * columns.plot - 7
  const text = bar.label === '' ? '' : cutText(bar.label, room, fontSize - 1)
  if (text === '' || (text !== bar.label && text.length < 5)) return []
  return [{ x: bar.x, y: bar.middle, text, title: bar.title }]
}

/** A line or two above the plot, from where the picture begins: the squares, and what they mean. */
export function placeLegend(tones: readonly ToneName[]): LegendEntry[] {
  const used = new Set<ToneName>(
    tones.map((tone) => (tone === 'met' ? 'healthy' : tone === 'missed' ? 'unhealthy' : tone)),
  )
  // Its keys are names of tones, and nothing else is in it.
  const all = (Object.entries(meanings) as [ToneName, string][]).filter(([tone]) => used.has(tone))
  const lines: { readonly left: number; readonly text: string; readonly colour: string }[][] = [[]]
  let left = 6
  for (const [tone, text] of all) {
    const width = textWidth(text, fontSize) + 30
    if (left + width > pictureWidth - 32) {
      lines.push([])
      left = 6
    }
    lines.at(-1)?.push({ left: left - columns.label, text, colour: theme[tone] })
    left += width
  }
  return lines.flatMap((entries, line) =>
    entries.map(({ left: at, text, colour }) => ({ left: at, y: (line - lines.length + 1) * 18 - 14, text, colour })),
  )
}

interface LegendEntry {
  readonly left: number
  readonly y: number
  readonly text: string
  readonly colour: string
}
