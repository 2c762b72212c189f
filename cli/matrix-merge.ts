import path from 'node:path'

import { execa } from 'execa'

import { projectFolder } from '../harness/images/settings.ts'
import { readVerdicts } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'
import { quote } from './ending.ts'
import { mergedResults } from './output-directory.ts'

/** Building a report of many legs takes a minute; this is for one that never ends. */
const mergeLimitMs = 30 * 60_000

/** Runs a script of this project to its end, and says whether it ended with 0. */
type Script = (script: readonly string[], cwd: string) => Promise<boolean>

/**
 * Makes one report of the legs, as `npm run report` does, and holds each to the quality gate of allurerc.mjs.
 * @param directories the legs', each with the verdicts of its run
 * @returns whether there is a report and the gate lets every leg pass
 */
export async function mergeLegs(
  directories: readonly string[],
  out: string,
  runsWell: Script = runScript,
): Promise<boolean> {
  console.log(
    `\nnpm run report -- ${directories.map((name) => quote(shownPath(name))).join(' ')} --out ${quote(shownPath(out))}`,
  )
  if (!(await runsWell(['cli/report.ts', ...directories, '--out', out], projectFolder))) return false
  let passes = true
  // Each by itself: of one scenario in two legs alike, such as 1.34 and 1.34.4, Allure counts the later one alone.
  for (const directory of directories) {
    const run = readVerdicts(directory)?.run.id
    if (run === undefined) throw new Error(`${shownPath(directory)} has lost its verdicts.json`)
    const gate = ['node_modules/allure/cli.js', 'quality-gate', mergedResults(out, run), '--config', configuration]
    const legPasses = await runsWell(gate, out)
    console.log(`gate    ${path.basename(directory)}, run ${run}: ${legPasses ? 'passed' : 'not passed'}`)
    passes &&= legPasses
  }
  return passes
}

const configuration = path.join(projectFolder, 'allurerc.mjs')

async function runScript([program = '', ...args]: readonly string[], cwd: string): Promise<boolean> {
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
