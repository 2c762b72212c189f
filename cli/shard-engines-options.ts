import path from 'node:path'

import { Option } from 'commander'

import { parseDuration } from '../harness/duration.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'
import { command, duration, parse, userPath, wholeNumber } from './command.ts'
import type { Division } from './shard.ts'
import { allProjects, projectChoices } from './test-options.ts'

export interface ShardEnginesOptions {
  /** Contexts of the docker CLI, or addresses as DOCKER_HOST has them; one that is named twice runs two shards at a time. */
  readonly engines: readonly string[]
  readonly count: number
  readonly image: string
  readonly division: Division
  /** Flags of `npm test`. */
  readonly args: readonly string[]
  /** Milliseconds after which a shard is ended. */
  readonly limitMs: number
  readonly out: string
  readonly debug: boolean
}

interface Flags {
  readonly engines?: string[]
  readonly count?: number
  readonly image: string
  readonly project?: string[]
  readonly wholeMatrix?: boolean
  readonly limit?: number
  readonly out?: string
  readonly debug?: boolean
}

/** All of the suite on two processors takes an hour. */
const shardLimit = '3h'

/**
 * What `npm run shards:engines -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function shardEnginesOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ShardEnginesOptions | null {
  const flags = parse<Flags>(
    command('npm run shards:engines', 'Runs the shards of npm test on other Docker engines, and makes one report.')
      .option('--engines <NAME...>', 'contexts of the docker CLI, or addresses as DOCKER_HOST has them')
      .option('--count <N>', 'how many shards there are (default: one for each engine)', wholeNumber(1, 999))
      .option('--image <IMAGE>', 'made by deploy/runner-image/build', 'clusterproof/runner:v1')
      .addOption(new Option('--project <NAME...>', 'only these').choices(projectChoices()))
      .option('--whole-matrix', 'as with npm run nightly')
      .option('--limit <DURATION>', `when a shard is ended (default: ${shardLimit})`, duration)
      .option('--out <DIR>', 'where shards and their report go (default: reports/out/engines)')
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return null
  const {
    engines = [],
    image,
    project,
    wholeMatrix = false,
    limit = parseDuration(shardLimit),
    out,
    debug = false,
  } = flags
  if (engines.length === 0) {
    throw new UserError('no engine is named', {
      exitCode: 2,
      hint: 'npm run shards:engines -- --engines build-1 ssh://ci@build-2 (docker context ls has the names)',
    })
  }
  return {
    engines,
    count: flags.count ?? engines.length,
    image,
    division: {
      projects: projectChoices().filter((name) => (project ?? allProjects).includes(name)),
      matrix: wholeMatrix ? 'whole' : 'sample',
      weights: null,
    },
    args: [...(project === undefined ? [] : ['--project', ...project]), ...(wholeMatrix ? ['--whole-matrix'] : [])],
    limitMs: limit,
    out: out === undefined ? path.join(projectFolder, 'reports/out/engines') : userPath(out, env),
    debug,
  }
}
