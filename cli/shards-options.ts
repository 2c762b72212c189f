import { Option } from 'commander'

import { messageOf } from '../harness/error-message.ts'
import { parseDuration } from '../harness/duration.ts'
import type { RunSettings } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'
import { command, parse, userPath, wholeNumber } from './command.ts'
import type { JobRequest } from './indexed-job.ts'
import { allProjects, projectChoices, weightsFlag } from './test-options.ts'

export interface ShardsOptions {
  readonly count: number
  readonly projects: readonly string[]
  readonly matrix: RunSettings['matrix']
  readonly weights: string | null
  /** What is printed: the plan, the numbers as JSON for the matrix of a CI, or the manifest of an Indexed Job. */
  readonly print: 'plan' | 'numbers' | JobRequest
  /** Output directory of a run whose times become the committed table; null: that stays as it is. */
  readonly save: string | null
  /** Output directories whose verdicts are compared; null: none are. */
  readonly compare: readonly [string, string] | null
}

interface Flags {
  readonly count: number
  readonly project?: string[]
  readonly wholeMatrix?: boolean
  readonly weights?: string
  readonly printShards?: boolean
  readonly manifest?: string
  readonly name: string
  readonly namespace: string
  readonly atOnce?: number
  readonly cpu: string
  readonly memory: string
  readonly disk: string
  readonly deadline: string
  readonly claim?: string
  readonly save?: string
  readonly compare?: string[]
}

/**
 * What `npm run shards -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function shardsOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ShardsOptions | null {
  const flags = parse<Flags>(
    command('npm run shards', 'Says what each shard of npm test runs, and makes what runs them elsewhere.')
      .option('--count <N>', 'how many shards there are', wholeNumber(1, 999), 3)
      .addOption(new Option('--project <NAME...>', 'only these').choices(projectChoices()))
      .option('--whole-matrix', 'as with npm run nightly')
      .option(...weightsFlag)
      .option('--print-shards', 'only print their numbers, as JSON for the matrix of a CI')
      .option('--manifest <IMAGE>', 'print an Indexed Job that runs them in this image (deploy/runner-image/build)')
      .option('--name <NAME>', 'of the Job', 'suite')
      .option('--namespace <NAME>', 'of the Job', 'clusterproof')
      .option('--at-once <N>', 'pods that run at a time (default: all)', wholeNumber(1, 999))
      .option('--cpu <QUANTITY>', 'what each pod asks for', '2')
      .option('--memory <QUANTITY>', 'what each pod asks for, and may take', '6Gi')
      .option('--disk <QUANTITY>', "what each pod's engine may take", '20Gi')
      .option('--deadline <DURATION>', 'when the Job is ended', '3h')
      .option('--claim <NAME>', 'PersistentVolumeClaim that results go to (default: the pods wait for deploy/collect)')
      .option('--save <DIR>', 'make what each file took in this run the committed table')
      .option('--compare <DIR...>', 'say where the verdicts of two runs differ')
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return null
  const { count, project = allProjects, wholeMatrix = false, weights, save } = flags
  return {
    count,
    projects: projectChoices().filter((name) => project.includes(name)),
    matrix: wholeMatrix ? 'whole' : 'sample',
    weights: weights === undefined ? null : userPath(weights, env),
    print:
      flags.manifest === undefined ? (flags.printShards === true ? 'numbers' : 'plan') : jobOf(flags.manifest, flags),
    save: save === undefined ? null : userPath(save, env),
    compare: flags.compare === undefined ? null : pairOf(flags.compare, env),
  }
}

function jobOf(image: string, flags: Flags): JobRequest {
  const { count, name, namespace, atOnce = count, cpu, memory, disk, claim = null, project, wholeMatrix } = flags
  if (flags.weights !== undefined) {
    throw new UserError('the pods of a Job divide by the table of their image, and know no --weights', {
      exitCode: 2,
      hint: 'Make it the committed table (npm run shards -- --save DIR), then build the image.',
    })
  }
  const args = [
    ...(project === undefined ? [] : ['--project', ...project]),
    ...(wholeMatrix === true ? ['--whole-matrix'] : []),
  ]
  const deadlineSeconds = Math.round(durationOf(flags.deadline) / 1_000)
  return { shards: count, image, name, namespace, atOnce, cpu, memory, disk, deadlineSeconds, claim, args }
}

function durationOf(text: string): number {
  try {
    return parseDuration(text)
  } catch (cause) {
    const message = messageOf(cause)
    throw new UserError(`--deadline: ${message}`, { exitCode: 2, hint: 'Write it as 90m or 3h.', cause })
  }
}

function pairOf(given: readonly string[], env: NodeJS.ProcessEnv): [string, string] {
  const [one, other, ...more] = given
  if (one !== undefined && other !== undefined && more.length === 0) return [userPath(one, env), userPath(other, env)]
  throw new UserError(`--compare takes two output directories, not ${given.length}`, {
    exitCode: 2,
    hint: 'npm run shards -- --compare reports/out reports/merged',
  })
}
