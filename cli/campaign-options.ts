import { Option } from 'commander'

import { defaultSeed } from '../suites/campaign/seed.ts'
import { command, parse, wholeNumber } from './command.ts'
import { type CommonFlags, type CommonOptions, commonOptions, noTty, withCommonFlags } from './start-options.ts'
import { vitestProjects } from './vitest-projects.ts'

/** In the order in which they are run: the counter-tests of the suites, and what only the campaign has. */
const sabotageProjects: readonly string[] = ['counter', 'campaign']

export interface CampaignOptions extends CommonOptions {
  readonly projects: readonly string[]
  /** Only the sabotages with exactly these names; none: all. */
  readonly tests: readonly string[]
  readonly seed: number
}

interface Flags extends CommonFlags {
  readonly project?: string[]
  readonly test?: string[]
  readonly seed: number
}

/**
 * What `npm run campaign -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function campaignOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): CampaignOptions | null {
  const choices = [...new Set([...sabotageProjects, ...vitestProjects().filter(isSabotage)])]
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm run campaign', 'Sabotages clusters, and says which sabotages were noticed, and by their cause.')
        .addOption(new Option('--project <NAME...>', 'only these').choices(choices))
        .option('--test <NAME...>', 'only the sabotages with these names, each as a whole: SCENARIO against WHAT')
        .option('--seed <N>', 'what decides their order and choices', wholeNumber(1, 2 ** 31 - 1), defaultSeed)
        .option(...noTty),
    ),
    args,
  )
  if (flags === null) return null
  const { project = sabotageProjects, test: tests = [], seed } = flags
  // What is left to the night is a sabotage too.
  const common = { ...commonOptions(flags, env), matrix: 'whole' as const }
  return { ...common, projects: choices.filter((name) => project.includes(name)), tests, seed }
}

function isSabotage(project: string): boolean {
  return sabotageProjects.some((name) => project === name || project.startsWith(`${name}:`))
}
