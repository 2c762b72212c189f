import { InvalidArgumentError, Option } from 'commander'

import { UserError } from '../harness/user-error.ts'
import { command, parse, userPath, wholeNumber } from './command.ts'
import type { ShardChoice } from './shard.ts'
import { type CommonFlags, type CommonOptions, commonOptions, noTty, withCommonFlags } from './start-options.ts'
import { vitestProjects } from './vitest-projects.ts'

/** In the order in which they are run; each may have parts, such as `counter:election`. */
export const allProjects: readonly string[] = ['unit', 'scenarios', 'counter', 'slow-host']

export interface TestOptions extends CommonOptions {
  /** In the order in which they are run. */
  readonly projects: readonly string[]
  /** Only the tests with exactly these names; none: all. */
  readonly tests: readonly string[]
  /** Which part of the files is run; null: all. */
  readonly shard: ShardChoice | null
  /** Output directory of a former run that says how long each file takes; null: the committed table does. */
  readonly weights: string | null
  /** Most clusters that are tested at the same time; null: as many as there are processors, 8 at most. */
  readonly clustersAtOnce: number | null
}

interface Flags extends CommonFlags {
  readonly project?: string[]
  readonly test?: string[]
  readonly shard?: ShardChoice
  readonly weights?: string
  readonly atOnce?: number
}

/**
 * What `npm test -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function testOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): TestOptions | null {
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm test', 'Runs the unit tests, all scenarios on the default cluster, and their counter-tests.')
        .addOption(new Option('--project <NAME...>', 'only these').choices(projectChoices()))
        .option('--test <NAME...>', 'only the tests with these names, each as a whole')
        .option('--shard <I/N>', 'only the I-th of N parts of the files; unit tests are of the first', shardChoice)
        .option(...weightsFlag)
        .option(
          '--at-once <N>',
          'clusters that are tested at the same time, at most (default: one a processor)',
          wholeNumber(1, 8),
        )
        .option(...noTty),
    ),
    args,
  )
  if (flags === null) return null
  const { project = allProjects, test: tests = [], shard = null, weights, atOnce = null } = flags
  refuseTogether(flags)
  return {
    ...commonOptions(flags, env),
    projects: projectChoices().filter((name) => project.includes(name)),
    tests,
    shard,
    weights: weights === undefined ? null : userPath(weights, env),
    clustersAtOnce: atOnce,
  }
}

export const weightsFlag = [
  '--weights <DIR>',
  'divide by what each file took in a former run, whose output this is (default: cli/shard-weights.json)',
] as const

/** Which of how many: `2/5`. */
function shardChoice(text: string): ShardChoice {
  const [, index, count] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text) ?? []).map(Number)
  if (index !== undefined && count !== undefined && index <= count) return { index, count }
  throw new InvalidArgumentError('It must be the number of a part and how many there are, such as 2/5.')
}

function refuseTogether({ shard, test, weights }: Flags): void {
  if (shard !== undefined && test !== undefined) {
    throw new UserError('--shard and --test each say what is run', {
      exitCode: 2,
      hint: 'Leave --shard out: the tests that --test names are found in whatever file they are.',
    })
  }
  if (shard === undefined && weights !== undefined) {
    throw new UserError('--weights says how --shard divides the files, and there is no --shard', {
      exitCode: 2,
      hint: 'Add --shard, such as --shard 1/3, or leave --weights out.',
    })
  }
}

/** The projects, then the parts that they have. */
export function projectChoices(): string[] {
  return [...new Set([...allProjects, ...vitestProjects()])]
}
