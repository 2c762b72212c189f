import { catalog, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { shownPath } from './command.ts'
import { type DiagnosedBy, diagnosedBy } from './diagnosed-by.ts'
import { explainOptions } from './explain-options.ts'
import { writePages } from './explain-pages.ts'
import { codesText, explanationText } from './explain-text.ts'
import { explanation } from './explanation.ts'
import { main } from './main.ts'

const nowhere: DiagnosedBy = { declared: [], counterTests: [], others: [], anywhere: false }

/** `npm run explain`: prints what is known of a diagnosis, or the list of all. Returns the exit code. */
function explain(args: readonly string[]): Promise<number> {
  const options = explainOptions(args)
  if (options === null) return Promise.resolve(0)
  const { code, json, pages } = options
  if (pages) for (const file of writePages()) console.log(shownPath(file))
  else if (code !== null) {
    const explained = explanation(code, diagnosedBy().get(code) ?? nowhere)
    console.log(json ? JSON.stringify(explained, null, 2) : explanationText(explained, width(100)))
  } else if (json) {
    const all = diagnosisCodes.map((known) => ({ code: known, meaning: catalog[known].meaning }))
    console.log(JSON.stringify(all, null, 2))
  } else {
    console.log(
      `${codesText(width(160))}\n\nnpm run explain -- CODE tells the cause of one, how to see it, and what helps.`,
    )
  }
  return Promise.resolve(0)
}

/** As wide as the terminal, up to where lines are hard to read. */
function width(most: number): number {
  return Math.min(most, Math.max(60, process.stdout.columns ?? most))
}

await main(explain)
