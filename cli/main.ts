import { exitCodeOf, formatError } from '../harness/user-error.ts'

/**
 * Runs a command to its exit code and ends the process. An error ends it with its message and what to do about it;
 * a stack is shown only with `--debug`.
 */
export async function main(command: (args: readonly string[]) => Promise<number>): Promise<never> {
  const args = process.argv.slice(2)
  try {
    process.exit(await command(args))
  } catch (error) {
    console.error(formatError(error, { debug: args.includes('--debug') }))
    process.exit(exitCodeOf(error))
  }
}
