import { asExpected, type Outcome, type Verdict } from '../harness/verdict.ts'
import { fill } from './columns.ts'
import { type Paint, plain, type Style } from './paint.ts'
import { printable } from './printable.ts'

/** The outcome, and whether the scenario declares it: `violates (expected)`. */
export function outcomeText(verdict: Pick<Verdict, 'outcome' | 'reason' | 'diagnosis' | 'expected'>): string {
  const { outcome, expected } = verdict
  if (expected === null || outcome === 'skipped') return outcome
  if (asExpected(verdict)) return outcome === 'conforms' ? outcome : `${outcome} (expected)`
  const reason = expected.reason === undefined ? '' : JSON.stringify(expected.reason)
  return `${outcome} (expected: ${`${expected.outcome} ${expected.diagnosis || reason}`.trim()})`
}

export const outcomeStyles: Readonly<Record<Outcome, Style>> = {
  conforms: 'green',
  violates: 'red',
  inconclusive: 'yellow',
  skipped: 'dim',
}

/** `12:03:11  conforms  recovery.power-cut  kind  78.2 s`, and the reason below it where it is not as declared. */
export function verdictLine(verdict: Verdict, tookMs: number, at = new Date(), paint: Paint = plain): string {
  const { scenario, cluster, outcome } = verdict
  const word = outcomeText(verdict)
  const columns = [
    // What was declared is no bad news.
    paint(asExpected(verdict) && outcome === 'violates' ? 'yellow' : outcomeStyles[outcome], pad(word, wordWidth)),
    pad(scenario, scenarioWidth),
    cluster,
    seconds(tookMs),
  ]
  return [progressLine(columns.join('  '), at), ...why(verdict).map((line) => `${indent}${printable(line)}`)].join('\n')
}

/** A line of the run's progress: the time of the day and what happened. */
export function progressLine(text: string, at = new Date()): string {
  return `${at.toTimeString().slice(0, 8)}  ${text}`
}

/** A line of its progress that begins with a word in the column of the outcomes. */
export function wordLine(word: string, text: string, at = new Date()): string {
  return progressLine(`${pad(word, wordWidth)}  ${text}`, at)
}

const wordWidth = 'violates (expected)'.length
const scenarioWidth = 36
const indent = ' '.repeat('12:03:11  '.length)

/** Longer texts stay whole: nothing is told apart by its beginning alone. */
function pad(text: string, width: number): string {
  return text.length >= width ? text : fill(text, width)
}

function why(verdict: Verdict): string[] {
  if (verdict.outcome === 'skipped') return [verdict.reason]
  if (asExpected(verdict)) return []
  const { diagnosis, reason, bundle } = verdict
  return [
    ...(diagnosis === null ? [] : `${diagnosis.code}: ${diagnosis.summary}`.split('\n')),
    ...reason.split('\n').filter((line) => line !== ''),
    ...(bundle === null ? [] : [`diagnostics: ${bundle} in the output directory`]),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
