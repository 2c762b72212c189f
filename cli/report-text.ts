import { outcomes } from '../harness/verdict.ts'
import { asExpected } from '../harness/verdict.ts'
import { printable } from '../reports/printable.ts'
import type { RunReport } from '../reports/run-model.ts'
import { shownPath } from './command.ts'
import { quote } from './ending.ts'

/** What a directory held, in lines: scenarios and outcomes, damage, and where a run ended that was killed. */
export function readText({ out, id, run, scenarios, damagedLines, lastWords }: RunReport): string {
  const notes = [
    ...(run === null ? ['verdicts.json is missing or damaged: all of this is out of the journals'] : []),
    ...(damagedLines === 0 ? [] : [`${count(damagedLines, 'damaged line')} in its journals, skipped`]),
    ...lastWords.split('\n').filter((line) => line !== ''),
  ]
  const text = [
    `read    ${shownPath(out)}: run ${id}, ${count(scenarios.length, 'scenario')}${outcomesText(scenarios)}`,
    ...notes.map((line) => `        ${line}`),
  ]
  return printable(text.join('\n'))
}

/** What was built, and how it is opened. */
export function builtText(
  report: string,
  { pictures, tookMs }: { readonly pictures: number; readonly tookMs: number },
): string {
  return [
    `built   ${shownPath(report)}/index.html, with ${count(pictures, 'picture')} (${(tookMs / 1_000).toFixed(1)} s)`,
    `open    npx allure open ${quote(shownPath(report))}`,
  ].join('\n')
}

function outcomesText(scenarios: RunReport['scenarios']): string {
  const verdicts = scenarios.flatMap(({ verdict }) => verdict ?? [])
  const parts = outcomes.flatMap((outcome) => {
    const all = verdicts.filter((verdict) => verdict.outcome === outcome)
    if (all.length === 0) return []
    const declared = outcome === 'violates' ? ` (${all.filter(asExpected).length} as declared)` : ''
    return [`${all.length} ${outcome}${declared}`]
  })
  const open = scenarios.length - verdicts.length
  if (open > 0) parts.push(`${open} without a verdict`)
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
