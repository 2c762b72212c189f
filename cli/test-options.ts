import { Option } from 'commander'

import { command, parse } from './command.ts'
import { type CommonOptions, commonOptions, noTty, withCommonFlags } from './start-options.ts'
import { vitestProjects } from './vitest-projects.ts'

/** In the order in which they are run; each may have parts, such as `counter:election`. */
const projects = ['unit', 'scenarios', 'counter', 'slow-host']

export interface TestOptions extends CommonOptions {
  /** In the order in which they are run. */
  readonly projects: readonly string[]
  /** Only the tests with exactly these names; none: all. */
  readonly tests: readonly string[]
}

interface Flags {
  readonly project?: string[]
  readonly test?: string[]
  readonly offline?: boolean
  readonly keep?: boolean
  readonly out?: string
  readonly debug?: boolean
  readonly wholeMatrix?: boolean
  readonly tty?: boolean
}

/**
 * What `npm test -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function testOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): TestOptions | null {
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm test', 'Runs the unit tests, all scenarios on the default cluster, and their counter-tests.')
        .addOption(new Option('--project <NAME...>', 'only these').choices(choices()))
        .option('--test <NAME...>', 'only the tests with these names, each as a whole')
        .option(...noTty),
    ),
    args,
  )
  if (flags === null) return null
  const { project = projects, test: tests = [] } = flags
  return { ...commonOptions(flags, env), projects: choices().filter((name) => project.includes(name)), tests }
}

/** The projects, then the parts that they have. */
function choices(): string[] {
  return [...new Set([...projects, ...vitestProjects()])]
}
