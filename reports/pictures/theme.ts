import type { Config } from 'vega-lite'

/**
 * A colour by what it means. `light` is also the marker: a picture is drawn in light colours, and where the reader prefers
 * dark ones a rule in the picture's own style sheet replaces exactly this colour (`render.ts`). Marks keep a contrast of
 * 3 : 1 to the paper, text one of 4.5 : 1, which is why text has a darker tone of its own on light paper. The hues are
 * those of Okabe and Ito, which people who see colours differently can tell apart, made darker or lighter where the
 * paper asks for it.
 */
export interface Tone {
  readonly light: string
  readonly dark: string
  /** For text on light paper; without it, `light`. On dark paper text takes `dark`. */
  readonly text?: string
}

const green: Tone = { light: '#009e73', dark: '#17b98c', text: '#00785a' }
const vermillion: Tone = { light: '#d55e00', dark: '#f27b2b', text: '#b04c00' }

/** All tones of pictures. Two meanings may share one: what is met is as green as what is healthy. */
export const tones = {
  paper: { light: '#ffffff', dark: '#14181d' },
  ink: { light: '#1b1f24', dark: '#e6e9ed' },
  muted: { light: '#59626c', dark: '#a3adb8' },
  /** Lines that only guide the eye; no meaning, so no contrast is asked of them. */
  grid: { light: '#e1e5ea', dark: '#2b323a' },
  /** Text on a coloured bar, the same on either paper. */
  onMark: { light: '#0c0e10', dark: '#0c0e11' },
  fault: { light: '#a9558d', dark: '#d38fbd', text: '#94407a' },
  healthy: green,
  unhealthy: vermillion,
  /** Not yet: a pod that is Pending or not Ready, a machine that boots. */
  waiting: { light: '#bd8000', dark: '#e6a817', text: '#8a5d00' },
  /** Without power, or not there. */
  off: { light: '#6f7fb0', dark: '#8d9ccc', text: '#55649a' },
  unknown: { light: '#87909a', dark: '#8f99a4', text: '#646d77' },
  met: green,
  missed: vermillion,
  budget: { light: '#6b7580', dark: '#97a1ac' },
  series1: { light: '#0072b2', dark: '#56a9e0' },
  series2: { light: '#c47600', dark: '#e69f00', text: '#955900' },
  series3: { light: '#0b8f6b', dark: '#22c79a', text: '#007a59' },
  series4: { light: '#b0568f', dark: '#cc79a7', text: '#9a467b' },
  series5: { light: '#3a95cb', dark: '#7cc8f5', text: '#1f6f9f' },
  series6: { light: '#7d6c00', dark: '#f0e442' },
} as const satisfies Record<string, Tone>

export type ToneName = keyof typeof tones

/** The colours that a picture's spec is written with. */
// `tones` has a value for each of its keys, and nothing is added.
export const theme = Object.fromEntries(Object.entries(tones).map(([name, { light }]) => [name, light])) as Readonly<
  Record<ToneName, string>
>

/** The colours of up to six lines or groups, in their order. */
export const seriesColours: readonly string[] = [
  theme.series1,
  theme.series2,
  theme.series3,
  theme.series4,
  theme.series5,
  theme.series6,
]

/** No web fonts: a report must look the same without a network. */
export const fontStack = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

/** How wide a whole picture should come out, in pixels: what a report's column shows without scaling. */
export const pictureWidth = 960

export const pictureConfig: Config = {
  background: theme.paper,
  font: fontStack,
  padding: 16,
  view: { stroke: null },
  axis: {
    labelColor: theme.muted,
    titleColor: theme.muted,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 12,
    labelLimit: 240,
    domainColor: theme.budget,
    tickColor: theme.budget,
    gridColor: theme.grid,
  },
  legend: {
    labelColor: theme.ink,
    titleColor: theme.muted,
    titleFontWeight: 'normal',
    labelFontSize: 12,
    titleFontSize: 12,
    labelLimit: 280,
    orient: 'top',
  },
  header: { labelColor: theme.ink, titleColor: theme.muted, labelFontSize: 12, labelLimit: 400 },
  title: {
    color: theme.ink,
    subtitleColor: theme.muted,
    fontSize: 15,
    subtitleFontSize: 12,
    anchor: 'start',
    offset: 12,
    subtitlePadding: 5,
  },
  text: { color: theme.ink, fontSize: 11 },
  rule: { color: theme.ink },
  line: { color: theme.series1 },
  point: { color: theme.series1, filled: true },
  bar: { color: theme.series1 },
  rect: { color: theme.series1 },
  range: { category: [...seriesColours] },
}

/**
 * The style sheet of a picture that uses the given colours: text in its own tones on light paper, everything in the dark
 * tones where the reader prefers them. It holds for elements of `.scope` only, because a picture may stand inside a page.
 */
export function themeStyle(scope: string, used: ReadonlySet<string>): string {
  const inUse = [...new Set(Object.values<Tone>(tones))].filter(({ light }) => used.has(light))
  const marks = inUse.flatMap(({ light, dark }) => [
    rule(scope, '', 'fill', light, dark),
    rule(scope, '', 'stroke', light, dark),
  ])
  const texts = inUse.filter(({ text }) => text !== undefined)
  const light = texts.map((tone) => rule(scope, 'text', 'fill', tone.light, tone.text ?? tone.light))
  const dark = [...marks, ...texts.map((tone) => rule(scope, 'text', 'fill', tone.light, tone.dark))]
  return [
    `.${scope}{max-width:100%;height:auto}`,
    ...light,
    `@media (prefers-color-scheme:dark){${dark.join('')}}`,
  ].join('')
}

function rule(scope: string, element: string, property: 'fill' | 'stroke', marker: string, colour: string): string {
  return `.${scope} ${element}[${property}="${marker}"]{${property}:${colour}}`
}
