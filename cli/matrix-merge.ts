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
 * Makes one report of the legs, as `npm run report` does, and holds it to the quality gate of allurerc.mjs.
 * @returns whether there is a report and the gate lets it pass
 */
export async function mergeLegs(directories: readonly string[], out: string): Promise<boolean> {
  console.log(
    `\nnpm run report -- ${directories.map((name) => quote(shownPath(name))).join(' ')} --out ${quote(shownPath(out))}`,
  )
  if (!(await runsWell(['cli/report.ts', ...directories, '--out', out], projectFolder))) return false
  const results = allureResults(out)
  const legs = readdirSync(results)
    .toSorted()
    .map((name) => path.join(results, name))
  console.log('quality gate')
  const configuration = path.join(projectFolder, 'allurerc.mjs')
  // It leaves a folder wherever it is called.
  return runsWell(['node_modules/allure/cli.js', 'quality-gate', ...legs, '--config', configuration], out)
}

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
