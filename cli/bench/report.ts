import Table from 'cli-table3'

import { type Figure, held } from './figures.ts'

/** What was measured: figures with goals, and a text for people that shows them. */
export interface Report {
  readonly figures: readonly Figure[]
  readonly text: string
}

/** The figures beside their goals, one a row. */
export function figuresTable(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['figure', 'goal', 'measured', 'held', ''],
    style: { head: [], border: [], compact: true },
  })
  table.push(
    ...figures.map((figure) => [
      figure.name,
      `≤ ${figure.goal} ${figure.unit}`,
      `${figure.measured.toFixed(1)} ${figure.unit}`,
      held(figure) ? 'yes' : 'no',
      figure.detail,
    ]),
  )
  return table.toString()
}
