import { formatDuration } from '../harness/duration.ts'
import type { Measurement } from '../harness/verdict.ts'

/** Words that set measurements of one thing against each other: all but the word itself is the same in their names. */
const opposites = new Set(['predicted', 'measured'])

/** Words after which a name may end differently: `with the remedy`, `without it`. */
const endings = new Set(['with', 'without'])

interface Line {
  /** What the names have in common, around their opposites. */
  readonly before: string
  readonly after: string
  readonly labels: Set<string>
  /** Values that belong together, once a label; a label that comes again begins a new group. */
  readonly groups: Map<string, string>[]
}

/**
 * One line a measured thing. Measurements whose names differ in an opposite alone stand side by side, and what was
 * measured more than once follows in turn:
 * `kube-proxy: predicted/measured delay: 16 s / 16.2 s, 32 s / 32.4 s`.
 */
export function measurementLines(measurements: readonly Measurement[]): string[] {
  const lines = new Map<string, Line>()
  for (const { name, value, unit } of measurements) {
    const { before, label, after } = split(name)
    const key = JSON.stringify([before, after])
    const line = lines.get(key) ?? { before, after, labels: new Set<string>(), groups: [] }
    lines.set(key, line)
    line.labels.add(label)
    const group = line.groups.at(-1)
    if (group === undefined || group.has(label)) line.groups.push(new Map([[label, formatValue(value, unit)]]))
    else group.set(label, formatValue(value, unit))
  }
  return [...lines.values()].map(describeLine)
}

function split(name: string): { before: string; label: string; after: string } {
  const words = name.split(' ')
  const position = words.findIndex((word) => opposites.has(word) || endings.has(word))
  const word = words[position]
  if (word === undefined) return { before: name, label: '', after: '' }
  const end = endings.has(word) ? words.length : position + 1
  return {
    before: words.slice(0, position).join(' '),
    label: words.slice(position, end).join(' '),
    after: words.slice(end).join(' '),
  }
}

function describeLine({ before, after, labels, groups }: Line): string {
  const label = [...labels].join(labels.size > 1 && after === '' ? ' / ' : '/')
  const name = [before, label, after].filter((part) => part !== '').join(' ')
  return `${name}: ${groups.map((group) => [...group.values()].join(' / ')).join(', ')}`
}

function formatValue(value: number, unit: string): string {
  if (unit === 'ms') return value < 1_000 ? `${Math.round(value)} ms` : formatDuration(value)
  return `${value} ${unit}`.trim()
}
