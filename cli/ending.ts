import type { Run } from '../harness/run.ts'
import type { Verdict } from '../harness/verdict.ts'
import { verdictsPath } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { allureReport, allureResults } from './output-directory.ts'
import { verdictDetails } from './verdict-details.ts'
import { verdictTable } from './verdict-table.ts'

export interface Ending {
  readonly run: Pick<Run, 'id' | 'out' | 'keep' | 'workDirectory'>
  readonly verdicts: readonly Verdict[]
  /** The commands that repeat what failed; none: nothing did. */
  readonly repeat: readonly string[]
  /** kubeconfig files of clusters that were kept. */
  readonly kubeconfigs: readonly string[]
  /** Journals of the run: one a file of scenarios. */
  readonly journals: readonly string[]
  /** Whether there are Allure results; vitest writes them only at its very end. */
  readonly allure: boolean
}

/** The text that a run ends with. */
export function endingText({ run, verdicts, repeat, kubeconfigs, journals, allure }: Ending): string {
  const details = verdictDetails(verdicts)
  const results = shownPath(allureResults(run.out))
  const files = [
    ['verdicts', shownPath(verdictsPath(run.out))],
    ...journals.map((journal, index) => [index === 0 ? 'journal' : '', shownPath(journal)]),
    ...(allure
      ? [
          ['allure', results],
          ['report', `npx allure generate ${quote(results)} --output ${quote(shownPath(allureReport(run.out)))}`],
        ]
      : []),
    ...kubeconfigs.map((file, index) => [
      index === 0 ? 'kept' : '',
      `kubectl --kubeconfig ${quote(shownPath(file))} get nodes`,
    ]),
    ...(run.keep ? [['remove', 'npm run sweep']] : []),
    ...repeat.map((command, index) => [index === 0 ? 'repeat' : '', command]),
  ]
  return [
    verdicts.length === 0 ? 'no verdict was reached' : verdictTable(verdicts),
    ...(details === '' ? [] : [details]),
    files.map(([label = '', value = '']) => `${label.padEnd(labelWidth)}${value}`).join('\n'),
  ].join('\n\n')
}

const labelWidth = 'verdicts  '.length

/** A word of a shell command, quoted where it has to be. */
export function quote(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
