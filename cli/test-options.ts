import { Option } from 'commander'

import { command, parse } from './command.ts'
import { type CommonOptions, commonOptions, withCommonFlags } from './start-options.ts'

const projects = ['unit', 'scenarios', 'counter', 'slow-host'] as const
export type Project = (typeof projects)[number]

export interface TestOptions extends CommonOptions {
  /** In the order in which they are run. */
  readonly projects: readonly Project[]
}

interface Flags {
  readonly project?: Project[]
  readonly offline?: boolean
  readonly keep?: boolean
  readonly out?: string
  readonly debug?: boolean
  readonly wholeMatrix?: boolean
}

/**
 * What `npm test -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function testOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): TestOptions | null {
  const flags = parse<Flags>(
    withCommonFlags(
      command(
        'npm test',
        'Runs the unit tests, all scenarios on the default cluster, and their counter-tests.',
      ).addOption(new Option('--project <NAME...>', 'only these').choices(projects)),
    ),
    args,
  )
  if (flags === null) return null
  const { project = projects } = flags
  return { ...commonOptions(flags, env), projects: projects.filter((name) => project.includes(name)) }
}
