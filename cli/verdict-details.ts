import type { Verdict } from '../harness/verdict.ts'
import { outcomeText } from '../reports/verdict-line.ts'
import { measurementLines } from './measurements.ts'

/** What the table has no room for: why a verdict is not `conforms` and what helps, and every figure measured. */
export function verdictDetails(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(details)
    .filter((lines) => lines.length > 1)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
}

function details(verdict: Verdict): string[] {
  const { scenario, cluster, diagnosis } = verdict
  const figures = measurementLines(verdict.measurements)
  return [
    `${scenario} on ${cluster}: ${outcomeText(verdict)}`,
    ...(diagnosis === null ? [] : diagnosisLines(diagnosis)),
    ...(diagnosis === null && verdict.outcome !== 'conforms' ? indented(verdict.reason.split('\n')) : []),
    ...(figures.length === 0 ? [] : ['  measured', ...indented(figures, 4)]),
    ...(verdict.bundle === null ? [] : [`  diagnostics: ${verdict.bundle}`]),
  ]
}

function diagnosisLines({ code, summary, remedies, upstream }: NonNullable<Verdict['diagnosis']>): string[] {
  return [
    ...indented(`${code}: ${summary}`.split('\n')),
    ...(remedies.length === 0 ? [] : ['  what helps', ...remedies.map((remedy) => `    - ${remedy}`)]),
    ...(upstream.length === 0 ? [] : ['  upstream', ...upstream.map((reference) => `    - ${reference}`)]),
  ]
}

function indented(lines: readonly string[], width = 2): string[] {
  return lines.filter((line) => line !== '').map((line) => ' '.repeat(width) + line)
}
