import type { Verdict } from '../harness/verdict.ts'
import { broken } from '../reports/columns.ts'
import { type Paint, plain } from '../reports/paint.ts'
import { printable } from '../reports/printable.ts'
import { outcomeStyles, outcomeText } from '../reports/verdict-line.ts'
import { measurementLines } from './measurements.ts'
import { foldVerdicts, type VerdictFold } from './verdict-folds.ts'

/** What the table has no room for: why a verdict is not `conforms` and what helps, and every figure measured. */
export function verdictDetails(
  verdicts: readonly Verdict[],
  { paint = plain, width = Number.POSITIVE_INFINITY }: { readonly paint?: Paint; readonly width?: number } = {},
): string {
  const fitted = (line: string) => broken(line, width, line.length - line.trimStart().length + 2)
  return foldVerdicts(verdicts)
    .map((fold) => details(fold, paint))
    .filter((lines) => lines.length > 1)
    .map(([heading = '', ...lines]) => [heading, ...lines.flatMap(fitted)].join('\n'))
    .join('\n\n')
}

function details({ verdict, times }: VerdictFold, paint: Paint): string[] {
  const { scenario, cluster, diagnosis } = verdict
  const figures = measurementLines(verdict.measurements)
  return [
    `${paint('bold', scenario)} on ${cluster}: ${paint(outcomeStyles[verdict.outcome], outcomeText(verdict))}${times === 1 ? '' : `, ${times} times; of the first:`}`,
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
  return lines.filter((line) => line !== '').map((line) => ' '.repeat(width) + printable(line))
}
