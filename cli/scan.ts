import { statSync } from 'node:fs'
import path from 'node:path'

import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'
import { command, parse, shownPath, userPath } from './command.ts'
import { main } from './main.ts'
import { scanDirectory } from './scan/directory.ts'
import { scanExitCode, scanText } from './scan/text.ts'

/** `npm run scan`: whether something secret is in what runs have left. Returns the exit code. */
async function scan(args: readonly string[]): Promise<number> {
  const to = command(
    'npm run scan',
    'Looks for keys, tokens and passwords in what runs have left for others to read. Exit code 1: there are some.',
  )
    .argument('[DIR...]', 'output directories of runs (default: reports/out)')
    .option('--debug', 'show where errors come from')
  if (parse(to, args) === null) return 0
  const given = to.args.length === 0 ? [path.join(projectFolder, 'reports/out')] : to.args
  const codes: number[] = []
  for (const directory of given.map((each) => userPath(each))) {
    requireDirectory(directory)
    const began = performance.now()
    const result = await scanDirectory(directory)
    if (result.files === 0 && result.unread.length === 0) {
      throw new UserError(`there is no file below ${shownPath(directory)}`, { hint: 'Name the output of a run.' })
    }
    console.log(scanText(result, performance.now() - began))
    codes.push(scanExitCode(result))
  }
  return codes.includes(1) ? 1 : Math.max(...codes)
}

/** @throws {UserError} with exit code 2 */
function requireDirectory(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new UserError(`there is no directory ${shownPath(directory)}`, {
    exitCode: 2,
    hint: 'Name the output directory of a run; without a name it is reports/out.',
  })
}

await main(scan)
