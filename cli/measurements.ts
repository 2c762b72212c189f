import { formatDuration } from '../harness/duration.ts'
import type { Measurement } from '../harness/verdict.ts'

/** Words that set two measurements of one thing against each other; each stands in both names in the same place. */
const opposites = ['predicted', 'measured', 'without', 'with'] as const

interface Line {
  /** The name's words, without the opposite that stands at `position`. */
  readonly words: readonly string[]
  readonly position: number
  readonly found: { readonly opposite: string; readonly value: string }[]
}

/**
 * One line a measured thing. Measurements whose names differ in an opposite alone stand side by side:
 * `kube-proxy: predicted/measured delay: 32 s / 32.4 s`.
 */
export function measurementLines(measurements: readonly Measurement[]): string[] {
  const lines = new Map<string, Line>()
  for (const { name, value, unit } of measurements) {
    const words = name.split(' ')
    const position = words.findIndex((word) => opposites.some((opposite) => opposite === word))
    const opposite = words[position] ?? ''
    const rest = position === -1 ? words : words.toSpliced(position, 1)
    const key = `${position} ${rest.join(' ')}`
    const line = lines.get(key) ?? { words: rest, position, found: [] }
    line.found.push({ opposite, value: formatValue(value, unit) })
    lines.set(key, line)
  }
  return [...lines.values()].map(describeLine)
}

function describeLine({ words, position, found }: Line): string {
  const values = found.map(({ value }) => value).join(' / ')
  if (position === -1) return `${words.join(' ')}: ${values}`
  const opposite = found.map((one) => one.opposite).join('/')
  return `${words.toSpliced(position, 0, opposite).join(' ')}: ${values}`
}

function formatValue(value: number, unit: string): string {
  if (unit === 'ms') return value < 1_000 ? `${Math.round(value)} ms` : formatDuration(value)
  return `${value} ${unit}`.trim()
}
