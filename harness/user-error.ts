import { inspect } from 'node:util'

/** 2: the command was used wrongly. 3: nothing could be concluded, because of the environment. */
export type UserExitCode = 2 | 3

export interface UserErrorOptions {
  /** What the user can do about it: a sentence, with the command that would help. */
  readonly hint: string
  /** Default 3. */
  readonly exitCode?: UserExitCode
  readonly cause?: unknown
}

/** An error that its reader can act on. The message says what was tried, where, and what was seen. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly exitCode: UserExitCode
  readonly hint: string

  constructor(message: string, { hint, exitCode = 3, cause }: UserErrorOptions) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
    this.hint = hint
  }
}

/** The process's exit code for an error that ended it. What nobody foresaw concludes nothing either: 3. */
export function exitCodeOf(error: unknown): UserExitCode {
  return error instanceof UserError ? error.exitCode : 3
}

/**
 * What the terminal shows for an error: the message, its causes and what to do, one thing a line.
 * A stack only with `debug`.
 */
export function formatError(error: unknown, { debug = false }: { readonly debug?: boolean } = {}): string {
  const lines = [`error: ${messageOf(error)}`]
  for (const cause of causesOf(error)) {
    const said = firstLine(messageOf(cause))
    if (!lines.some((line) => line.includes(said))) lines.push(`  because: ${said}`)
  }
  lines.push(`  what to do: ${hintOf(error)}`)
  if (debug) lines.push('', inspect(error))
  return lines.join('\n')
}

function hintOf(error: unknown): string {
  return error instanceof UserError ? error.hint : 'Run it again with --debug to see where this comes from.'
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && !causes.includes(cause)) {
    causes.push(cause)
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
