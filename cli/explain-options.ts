import { type DiagnosisCode, diagnosisCodes } from '../harness/diagnosis/catalog.ts'
import { UserError } from '../harness/user-error.ts'
import { command, parse } from './command.ts'
import { nearest } from './nearest.ts'

export interface ExplainOptions {
  /** Null: all codes. */
  readonly code: DiagnosisCode | null
  readonly json: boolean
  /** Whether the pages of docs/failures are to be written. */
  readonly pages: boolean
}

interface Flags {
  readonly json?: boolean
  readonly pages?: boolean
}

/**
 * What `npm run explain -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function explainOptions(args: readonly string[]): ExplainOptions | null {
  const explain = command('npm run explain', 'Explains a diagnosis: its cause, how to see it, and what helps.')
    .argument('[diagnosis]', 'its code, such as recovery.daemonset-backoff; without one, all are listed')
    .option('--json', 'print it as JSON')
    .option('--pages', 'write docs/failures anew, from the same source')
    .option('--debug', 'show where errors come from')
  const flags = parse<Flags>(explain, args)
  if (flags === null) return null
  const [asked] = explain.args
  return { code: asked === undefined ? null : codeOf(asked), json: flags.json ?? false, pages: flags.pages ?? false }
}

function codeOf(asked: string): DiagnosisCode {
  const code = diagnosisCodes.find((known) => known === asked)
  if (code !== undefined) return code
  const near = nearest(asked, diagnosisCodes)
  throw new UserError(`there is no diagnosis ${JSON.stringify(asked)}`, {
    exitCode: 2,
    hint:
      near.length === 0 ? 'npm run explain lists them all.' : `Did you mean one of these?\n    ${near.join('\n    ')}`,
  })
}
