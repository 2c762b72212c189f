import type { TopLevelSpec } from 'vega-lite'

import { formatDuration } from '../../harness/duration.ts'
import type { PullFacts, TransferFacts } from '../facts/transfers.ts'
import { machineName, rowLabels } from './machine-name.ts'
import { renderPicture } from './render.ts'
import { cutText } from './text-width.ts'
import { theme } from './theme.ts'

type View = Extract<TopLevelSpec, { vconcat: unknown }>['vconcat'][number]

/** Rows that one picture shows: more is no picture any more. */
const mostRows = 40

/** Width of the part with scales, of the labels to its left, and of the notes to its right, in pixels. */
const [plotWidth, labelWidth, noteWidth] = [300, 270, 380]

const kinds = {
  mirror: { name: 'from the mirror', colour: theme.series1 },
  upstream: { name: 'from the upstream', colour: theme.series2 },
  mixed: { name: 'from both', colour: theme.series4 },
  given: { name: 'given up', colour: theme.missed },
  unknown: { name: 'source not told', colour: theme.unknown },
} as const

type Kind = keyof typeof kinds

/**
 * Which machine pulled what, from the mirror or from the upstream, in which time and how fast; what the mirror saved.
 * Which neighbour a mirror took it from is told by nobody, and is not drawn. Null: nothing was pulled.
 */
export async function mirrorPicture(facts: TransferFacts, title: string): Promise<string | null> {
  if (facts.pulls.length === 0 && facts.speeds.length === 0) return null
  const views = [
    ...(facts.pulls.length > 0 ? [pullView(facts)] : []),
    ...(facts.asked.length > 0 ? [askedView(facts)] : []),
    ...(facts.speeds.length > 0 ? [speedView(facts)] : []),
  ]
  const spec: TopLevelSpec = {
    title: { text: cutText(title, 900, 15), subtitle: subtitle(facts) },
    vconcat: views,
    spacing: 24,
    resolve: { scale: { x: 'independent', y: 'independent', color: 'independent' } },
  }
  return renderPicture(spec, { title: `Transfers: ${title}`, description: describe(facts) })
}

function subtitle({ pulls, omitted, registries }: TransferFacts): string[] {
  const left = pulls.length + omitted - mostRows
  return [
    'Images that machines pulled, in their order, and where from by what the upstream counted',
    ...(left > 0 ? [`the last ${mostRows} of ${pulls.length + omitted} pulls`] : []),
    ...registries.map(({ host, requests, bytes }) =>
      cutText(`${host} was asked ${requests} times in all and sent ${megabytes(bytes)}`, 900, 12),
    ),
  ]
}

interface Row {
  readonly row: string
  readonly kind: string
  /** MB/s; 0: not known. */
  readonly value: number
  readonly note: string
}

function pullView({ pulls, startedAt, cluster }: TransferFacts): View {
  const shown = pulls.slice(-mostRows)
  const labels = rowLabels(
    shown.map((pull) => {
      const after = Math.round((pull.askedAt - startedAt) / 1_000)
      return `${after} s · ${machineName(pull.node, cluster)} ← ${from(pull)} · ${imageName(pull.repository)}`
    }),
    labelWidth,
  )
  const rows = shown.map((pull, index): Row => {
    const kind = kinds[pull.ok === false ? 'given' : (pull.source ?? 'unknown')].name
    return { row: labels[index] ?? '', kind, value: speed(pull) ?? 0, note: note(pull) }
  })
  return bars(rows, 'MB/s of the whole pull, unpacking included', 'pulls')
}

function from({ source, ok }: PullFacts): string {
  if (ok === false) return 'nobody'
  if (source === 'mixed') return 'mirror and upstream'
  return source ?? '?'
}

/** Each image of a test has the same folder. */
function imageName(repository: string): string {
  return repository.replace(/^clusterproof\//, '')
}

/** MB/s; null: the size or the time is not known. */
function speed({ bytes, tookMs, ok }: PullFacts): number | null {
  return ok === false || bytes === null || tookMs === null || tookMs <= 0 ? null : bytes / 1e6 / (tookMs / 1_000)
}

function note(pull: PullFacts): string {
  const { ok, endedAt, bytes, tookMs, attempts, cutOff, askedAt } = pull
  const notes = [
    ...(cutOff ? ['upstream black-holed'] : []),
    ...(attempts > 1 ? [ok === false ? `${attempts} attempts` : `at attempt ${attempts}`] : []),
  ]
  const size = bytes === null ? '' : `${megabytes(bytes)} `
  const whole = endedAt === null ? '' : ` after ${formatDuration(endedAt - askedAt)}`
  if (endedAt === null) return ['not ended', ...notes].join(' · ')
  if (ok === false) return [`given up${whole}`, ...notes].join(' · ')
  if (tookMs === null) return [`${size}pulled${whole}`, ...notes].join(' · ')
  const rate = speed(pull)
  return [`${size}in ${shortly(tookMs)}${rate === null ? '' : `, ${round(rate)} MB/s`}`, ...notes].join(' · ')
}

function speedView({ speeds }: TransferFacts): View {
  const labels = rowLabels(
    speeds.map(({ source }) => `one layer over HTTP ← ${source}`),
    labelWidth,
  )
  const rows = speeds.map(({ source, megabytesPerSecond, firstByteMs }, index): Row => {
    const first = firstByteMs === null ? '' : `, first byte after ${shortly(firstByteMs)}`
    return {
      row: labels[index] ?? '',
      kind: kinds[isKind(source) ? source : 'unknown'].name,
      value: megabytesPerSecond,
      note: `${round(megabytesPerSecond)} MB/s${first}`,
    }
  })
  return bars(rows, 'MB/s of one layer, fetched and thrown away', 'speeds')
}

function askedView({ asked }: TransferFacts): View {
  const labels = rowLabels(
    asked.map(({ how }) => how),
    labelWidth,
  )
  const rows = asked.map(({ bytes }, index): Row => ({
    row: labels[index] ?? '',
    kind: kinds.upstream.name,
    value: bytes / 1e6,
    note: megabytes(bytes),
  }))
  return bars(rows, 'MB asked of the upstream for one image', 'asked')
}

function isKind(source: string): source is Kind {
  return Object.hasOwn(kinds, source)
}

function bars(rows: readonly Row[], title: string, name: string): View {
  const y = {
    field: 'row',
    type: 'nominal' as const,
    sort: null,
    title: null,
    scale: { domain: rows.map(({ row }) => row) },
    axis: { domain: false, ticks: false, labelPadding: 8, labelColor: theme.ink, labelLimit: labelWidth + 40 },
  }
  const used = Object.values(kinds).filter((kind) => rows.some((row) => row.kind === kind.name))
  return {
    width: plotWidth,
    height: { step: 22 },
    data: { values: [...rows] },
    layer: [
      {
        name,
        mark: { type: 'bar', height: 14, cornerRadiusEnd: 2 },
        encoding: {
          y,
          x: {
            field: 'value',
            type: 'quantitative',
            title,
            scale: { domainMin: 0, ...(rows.every(({ value }) => value <= 0) ? { domainMax: 1 } : {}) },
            axis: { grid: true, tickCount: 6 },
          },
          color: {
            field: 'kind',
            type: 'nominal',
            scale: { domain: used.map((kind) => kind.name), range: used.map(({ colour }) => colour) },
            legend: name === 'pulls' ? { title: null, symbolType: 'square' } : null,
          },
          description: { field: 'note', type: 'nominal' },
        },
      },
      {
        name: `${name}-notes`,
        mark: { type: 'text', aria: false, align: 'left', x: plotWidth + 12, color: theme.muted, limit: noteWidth },
        encoding: { y, text: { field: 'note', type: 'nominal' } },
      },
    ],
  }
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1e6)} MB`
}

/** `8.4`, `67`, `820` */
function round(value: number): string {
  return String(Number(value < 100 ? value.toPrecision(2) : value.toFixed(0)))
}

/** `5 ms`, `0.4 s`, `2 min 5 s` */
function shortly(ms: number): string {
  return ms < 100 ? `${Math.round(ms)} ms` : formatDuration(ms)
}

function describe({ pulls, asked, speeds, cluster }: TransferFacts): string {
  return [
    `${pulls.length} pulls.`,
    ...pulls.slice(0, 30).map((pull) => {
      const what = `${machineName(pull.node, cluster)} pulled ${imageName(pull.repository)} from ${from(pull)}`
      return `${what}: ${note(pull)}.`
    }),
    ...asked.map(({ how, bytes }) => `${megabytes(bytes)} were asked of the upstream ${how}.`),
    ...speeds.map(
      ({ source, megabytesPerSecond }) => `One layer came from the ${source} at ${round(megabytesPerSecond)} MB/s.`,
    ),
  ].join(' ')
}
