import path from 'node:path'

import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'
import { command, parse, shownPath, userPath } from './command.ts'

export interface ReportOptions {
  /** Output directories of runs; several are legs of one report. */
  readonly directories: readonly string[]
  /** Where the report goes. */
  readonly out: string
  /** The file of past runs; null: none is read or written. */
  readonly history: string | null
}

interface Flags {
  readonly out?: string
  /** `--no-history` makes it false. */
  readonly history?: string | boolean
  readonly debug?: boolean
}

/**
 * What `npm run report -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function reportOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ReportOptions | null {
  const to = command(
    'npm run report',
    'Builds the report of a run, or one report of several, from what they have left.',
  )
    .argument('[DIR...]', 'output directories of runs (default: reports/out)')
    .option('--out <DIR>', 'where the report goes (default: the directory itself; of several: reports/merged)')
    .option('--history <FILE>', 'past runs, for the trend (default: reports/history/verdicts.jsonl)')
    .option('--no-history', 'neither show past runs nor remember this one')
    .option('--debug', 'show where errors come from')
  const flags = parse<Flags>(to, args)
  if (flags === null) return null
  const given = to.args.length === 0 ? [path.join(projectFolder, 'reports/out')] : to.args
  const directories = [...new Set(given.map((directory) => userPath(directory, env)))]
  const [first] = directories
  const own = directories.length === 1 && first !== undefined ? first : path.join(projectFolder, 'reports/merged')
  const out = flags.out === undefined ? own : userPath(flags.out, env)
  if (directories.length > 1 && directories.includes(out)) {
    throw new UserError(`${shownPath(out)} is one of the runs that are merged, and would be overwritten`, {
      exitCode: 2,
      hint: 'Name another directory with --out DIR.',
    })
  }
  return { directories, out, history: historyFile(flags.history, env) }
}

function historyFile(flag: Flags['history'], env: NodeJS.ProcessEnv): string | null {
  if (flag === false) return null
  return typeof flag === 'string' ? userPath(flag, env) : path.join(projectFolder, 'reports/history/verdicts.jsonl')
}
