import { asExpected, type Verdict } from '../harness/verdict.ts'

/** The outcome, and whether the scenario declares it: `violates (expected)`. */
export function outcomeText(verdict: Pick<Verdict, 'outcome' | 'diagnosis' | 'expected'>): string {
  const { outcome, expected } = verdict
  if (expected === null || outcome === 'skipped') return outcome
  if (asExpected(verdict)) return outcome === 'conforms' ? outcome : `${outcome} (expected)`
  return `${outcome} (expected: ${`${expected.outcome} ${expected.diagnosis}`.trim()})`
}

/** `12:03:11  conforms  recovery.power-cut  kind  78.2 s`, and the reason below it where it is not as declared. */
export function verdictLine(verdict: Verdict, tookMs: number, at = new Date()): string {
  const { scenario, cluster } = verdict
  const columns = [outcomeText(verdict).padEnd(outcomeWidth), scenario.padEnd(scenarioWidth), cluster, seconds(tookMs)]
  return [progressLine(columns.join('  '), at), ...why(verdict).map((line) => `${indent}${line}`)].join('\n')
}

/** A line of the run's progress: the time of the day and what happened. */
export function progressLine(text: string, at = new Date()): string {
  return `${at.toTimeString().slice(0, 8)}  ${text}`
}

const outcomeWidth = 'violates (expected)'.length
const scenarioWidth = 36
const indent = ' '.repeat('12:03:11  '.length)

function why(verdict: Verdict): string[] {
  if (verdict.outcome === 'skipped') return [verdict.reason]
  if (asExpected(verdict)) return []
  const { diagnosis, reason, bundle } = verdict
  return [
    ...(diagnosis === null ? [] : [`${diagnosis.code}: ${diagnosis.summary}`]),
    ...reason.split('\n').filter((line) => line !== ''),
    ...(bundle === null ? [] : [`diagnostics: ${bundle} in the output directory`]),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
