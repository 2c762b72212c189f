import { formatDuration } from '../../harness/duration.ts'
import type { ExpectationResult, Measurement, Verdict } from '../../harness/verdict.ts'
import { withoutDeadline } from '../tightest.ts'
import { outcomeText } from '../verdict-line.ts'
import { block, list, plain, table } from './markdown.ts'

/** The verdict as Markdown: the outcome and whether it is declared at its head, then why, what was expected, what was measured. */
export function describeVerdict(verdict: Verdict): string {
  const { diagnosis, reason, expectations, measurements, journal } = verdict
  return paragraphs([
    headline(verdict),
    ...(diagnosis === null
      ? []
      : [
          `**${plain(diagnosis.code)}**: ${plain(diagnosis.summary)}`,
          diagnosis.remedies.length === 0 ? '' : `What helps:\n\n${list(diagnosis.remedies.map(plain))}`,
          diagnosis.upstream.length === 0 ? '' : `Upstream:\n\n${list(diagnosis.upstream.map(plain))}`,
        ]),
    reason === '' ? '' : block(reason),
    expectations.length === 0 ? '' : table(['expectation', 'took', 'within'], expectations.map(expectationRow)),
    measurements.length === 0
      ? ''
      : table(
          ['measured', 'value'],
          measurements.map((measurement) => [plain(measurement.name), plain(measuredText(measurement))]),
        ),
    journal === '' ? '' : `Journal of the suite: ${plain(journal)}`,
  ])
}

/** What is said of a scenario that the run was ended in. */
export function describeUnfinished(lastWords: string): string {
  return paragraphs(['# the run ended here', 'There is no verdict.', lastWords === '' ? '' : block(lastWords)])
}

/** `2.8 s`, `146 requests`. */
export function measuredText({ value, unit }: Pick<Measurement, 'value' | 'unit'>): string {
  return unit === 'ms' ? formatDuration(value) : `${value} ${unit}`.trim()
}

const meanings: Readonly<Record<Verdict['outcome'], string>> = {
  conforms: '',
  violates: '',
  inconclusive: 'Nothing is said of the distribution: the evidence is missing, or the host was too slow.',
  skipped: 'Nothing was tried.',
}

function headline(verdict: Verdict): string {
  return paragraphs([`# ${outcomeText(verdict)}`, declared(verdict), meanings[verdict.outcome]])
}

function declared({ outcome, expected }: Verdict): string {
  if (expected?.outcome !== 'violates' || outcome !== 'violates') return ''
  return `What it ran on is affected: the scenario declares this violation (${plain(expected.diagnosis)}).`
}

/** What the deadline is made of has a step of its own: beside the others it would be wider than a screen. */
function expectationRow(result: ExpectationResult): string[] {
  const { name, budget, tookMs, withinMs } = result
  if (withinMs === 0) {
    const came = withoutDeadline(result)
    return [plain(name), tookMs === null ? `**${came}**` : came, budget]
  }
  return [plain(name), tookMs === null ? '**missed**' : formatDuration(tookMs), formatDuration(withinMs)]
}

function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}
