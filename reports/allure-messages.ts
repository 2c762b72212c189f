import { formatDuration } from '../harness/duration.ts'
import type { ExpectationResult, Verdict } from '../harness/verdict.ts'
import { outcomeText } from './verdict-line.ts'

/** What allure-vitest takes from a test's meta, as far as it is used here. */
export type AllureMessage =
  | {
      readonly type: 'metadata'
      readonly data: { readonly parameters: readonly { name: string; value: string }[]; readonly description: string }
    }
  | {
      readonly type: 'attachment_content'
      readonly data: {
        readonly name: string
        readonly content: string
        readonly encoding: 'utf8'
        readonly contentType: 'application/json'
        readonly fileExtension: 'json'
      }
    }

/**
 * What the Allure report shows of a verdict. The distribution is a parameter: two results with the same name and
 * the same parameters are one test and its retry, and the legs of a matrix are not that.
 */
export function allureMessages(verdict: Verdict): AllureMessage[] {
  const { cluster, distribution } = verdict
  const parameters = [
    { name: 'cluster', value: cluster },
    { name: 'distribution', value: `${distribution.name} ${distribution.version}`.trim() },
    { name: 'kubernetes', value: distribution.kubernetes },
  ]
  return [
    { type: 'metadata', data: { parameters, description: describeVerdict(verdict) } },
    {
      type: 'attachment_content',
      data: {
        name: 'verdict',
        content: JSON.stringify(verdict, null, 2),
        encoding: 'utf8',
        contentType: 'application/json',
        fileExtension: 'json',
      },
    },
  ]
}

/** The verdict as Markdown. */
export function describeVerdict(verdict: Verdict): string {
  const { diagnosis, reason, expectations, measurements, journal } = verdict
  return [
    `**${outcomeText(verdict)}**`,
    ...(diagnosis === null ? [] : [`\`${diagnosis.code}\`: ${diagnosis.summary}`, list(diagnosis.remedies)]),
    ...(reason === '' ? [] : [`\`\`\`\n${reason}\n\`\`\``]),
    ...(expectations.length === 0 ? [] : [table(['expectation', 'took', 'budget'], expectations.map(expectationRow))]),
    ...(measurements.length === 0
      ? []
      : [
          table(
            ['measured', 'value'],
            measurements.map(({ name, value, unit }) => [name, `${value} ${unit}`.trim()]),
          ),
        ]),
    ...(journal === '' ? [] : [`journal: \`${journal}\``]),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function expectationRow({ name, tookMs, budget }: ExpectationResult): string[] {
  return [name, tookMs === null ? 'missed' : formatDuration(tookMs), budget]
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}
