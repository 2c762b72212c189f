import path from 'node:path'

import { Command, CommanderError, InvalidArgumentError } from 'commander'

import { parseDuration } from '../harness/duration.ts'
import { messageOf } from '../harness/error-message.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'

/** A command line that ends no process by itself: `parse` says what was asked for, or throws. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .allowExcessArguments(false)
    .helpOption('--help', 'show this')
    .configureOutput({ writeErr: () => undefined })
}

/**
 * The flags of a command line; null where only the help was asked for, which has been printed then.
 * @throws {UserError} with exit code 2
 */
export function parse<T>(to: Command, args: readonly string[]): T | null {
  try {
    // The caller names the flags that it declared.
    return to.parse([...args], { from: 'user' }).opts() as T
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    if (cause.code === 'commander.helpDisplayed') return null
    throw new UserError(cause.message.replace(/^error: /, ''), {
      exitCode: 2,
      hint: `${to.name()} -- --help lists the flags.`,
      cause,
    })
  }
}

/** A whole number between two bounds, for a flag. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
  }
}

/** Milliseconds of a duration such as 90m or 3h, for a flag. */
export function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error))
  }
}

/** A path as the user meant it: npm changes into the project's folder and says where it was called. */
export function userPath(given: string, env: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(env['INIT_CWD'] ?? process.cwd(), given)
}

/** A path as the user may write it: relative where it lies below the project. */
export function shownPath(absolute: string): string {
  const relative = path.relative(projectFolder, absolute)
  return relative === '' || relative.startsWith('..') ? absolute : relative
}
