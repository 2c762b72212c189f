import path from 'node:path'

import { InvalidArgumentError } from 'commander'

import { parseDuration } from '../harness/duration.ts'
import { isOffline, projectFolder } from '../harness/images/settings.ts'
import { command, duration, parse, userPath, wholeNumber } from './command.ts'
import { globOf, shortProfile } from './scenario-names.ts'
import { asDeclaredFlag } from './start-options.ts'

export interface MatrixOptions {
  /** Names or paths of cluster definitions. */
  readonly clusters: readonly string[]
  /** Versions of Kubernetes; none: each definition's own. */
  readonly kubernetes: readonly string[]
  readonly scenario: string
  readonly repeat: number
  readonly offline: boolean
  /** Holds an output directory for each leg, and the report of all. */
  readonly out: string
  /** Milliseconds after which a leg is ended. */
  readonly legLimitMs: number
  readonly dryRun: boolean
  /** Only say which legs there are, as JSON for a CI's matrix. */
  readonly printLegs: boolean
  /** Whether the legs' results become one report. */
  readonly merge: boolean
  /** Whether each leg's exit code goes by what the scenarios declare. */
  readonly asDeclared: boolean
  readonly debug: boolean
}

interface Flags {
  readonly clusters?: readonly string[]
  readonly kubernetes?: readonly string[]
  readonly scenario?: string
  readonly repeat: number
  readonly offline?: boolean
  readonly out?: string
  readonly legLimit?: number
  readonly dryRun?: boolean
  readonly printLegs?: boolean
  readonly merge: boolean
  readonly asDeclared?: boolean
  readonly debug?: boolean
}

/** All scenarios of one cluster take up to 40 minutes where they were measured; other machines are slower. */
const legLimit = '3h'

/**
 * What `npm run matrix -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function matrixOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): MatrixOptions | null {
  const flags = parse<Flags>(
    command(
      'npm run matrix',
      'Runs scenarios on every cluster with every version of Kubernetes, one leg after the other.',
    )
      .option('--clusters <LIST>', 'cluster definitions, by name or file: kind,./mine.yaml (default: kind)', list)
      .option('--kubernetes <LIST>', "versions: 1.34,1.35.4 (default: each definition's own)", list)
      .option('--scenario <GLOB>', `the scenarios by name, '*' for all (default: ${globOf(shortProfile)})`)
      .option('--repeat <N>', 'run each scenario so often', wholeNumber(1, 1_000), 1)
      .option('--offline', 'ask no image registry')
      .option('--out <DIR>', "where each leg's directory goes, and the report of all (default: reports/out/matrix)")
      .option('--leg-limit <DURATION>', `when a leg is ended (default: ${legLimit})`, duration)
      .option('--dry-run', 'only say which legs there are, and where their images would come from')
      .option('--print-legs', 'only print the legs, as JSON for the matrix of a CI')
      .option(...asDeclaredFlag)
      .option('--no-merge', "leave the legs' results as they are")
      .option('--debug', 'show where errors come from'),
    args,
  )
  if (flags === null) return null
  const { clusters = ['kind'], kubernetes = [], scenario = globOf(shortProfile), repeat } = flags
  const { offline = false, out, merge, legLimit: legLimitMs = parseDuration(legLimit) } = flags
  return {
    clusters: clusters.map((cluster) => (/[./]/.test(cluster) ? userPath(cluster, env) : cluster)),
    kubernetes,
    scenario,
    repeat,
    offline: offline || isOffline(env),
    out: out === undefined ? path.join(projectFolder, 'reports/out/matrix') : userPath(out, env),
    legLimitMs,
    dryRun: flags.dryRun ?? false,
    printLegs: flags.printLegs ?? false,
    merge,
    asDeclared: flags.asDeclared ?? false,
    debug: flags.debug ?? false,
  }
}

/** The words between commas; a flag with none of them is a mistake, and not the default. */
function list(text: string): string[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.includes('')) throw new InvalidArgumentError('It must be a list with commas between its words.')
  return words
}
