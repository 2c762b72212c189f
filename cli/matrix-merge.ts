import { readdirSync } from 'node:fs'
import path from 'node:path'

import { execa } from 'execa'

import { projectFolder } from '../harness/images/settings.ts'
import { shownPath } from './command.ts'
import { quote } from './ending.ts'
import { allureResults } from './output-directory.ts'

/** Building a report of many legs takes a minute; this is for one that never ends. */
const mergeLimitMs = 30 * 60_000

/**
 * Makes one report of the legs, as `npm run report` does, and holds each to the quality gate of allurerc.mjs.
 * @returns whether there is a report and the gate lets every leg pass
 */
export async function mergeLegs(directories: readonly string[], out: string): Promise<boolean> {
  console.log(
    `\nnpm run report -- ${directories.map((name) => quote(shownPath(name))).join(' ')} --out ${quote(shownPath(out))}`,
  )
  if (!(await runsWell(['cli/report.ts', ...directories, '--out', out], projectFolder))) return false
  const results = allureResults(out)
  let passes = true
  // Each by itself: of one scenario in two legs alike, such as 1.34 and 1.34.4, Allure counts the later one alone.
  for (const leg of readdirSync(results).toSorted()) {
    console.log(`quality gate of run ${leg}`)
    const gate = ['node_modules/allure/cli.js', 'quality-gate', path.join(results, leg), '--config', configuration]
    passes = (await runsWell(gate, out)) && passes
  }
  return passes
}

const configuration = path.join(projectFolder, 'allurerc.mjs')

async function runsWell([program = '', ...args]: readonly string[], cwd: string): Promise<boolean> {
  const { exitCode } = await execa(process.execPath, [path.join(projectFolder, program), ...args], {
    cwd,
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
    timeout: mergeLimitMs,
  })
  return exitCode === 0
}
