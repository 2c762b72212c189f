import path from 'node:path'

import { isOffline, projectFolder } from '../harness/images/settings.ts'
import { command, parse, userPath, wholeNumber } from './command.ts'
import { globOf, shortProfile } from './scenario-names.ts'

/** The flags that every command has which makes clusters. */
export interface CommonOptions {
  readonly offline: boolean
  readonly keep: boolean
  readonly out: string
  readonly debug: boolean
  /** How many of the clusters that scenarios boot themselves are taken. */
  readonly matrix: 'sample' | 'whole'
  /** Whether a terminal may show a live view. */
  readonly tty: boolean
}

export interface StartOptions extends CommonOptions {
  /** Name or path of a cluster definition; null: the default. */
  readonly cluster: string | null
  readonly scenario: string
  readonly repeat: number
  readonly reboots: number
  /** Whether the exit code goes by what the scenarios declare. */
  readonly asDeclared: boolean
}

/** Those flags as they were given; `tty` is of the commands with `noTty` only. */
export interface CommonFlags {
  readonly offline?: boolean
  readonly keep?: boolean
  readonly out?: string
  readonly debug?: boolean
  readonly wholeMatrix?: boolean
  readonly tty?: boolean
}

interface Flags extends CommonFlags {
  readonly cluster?: string
  readonly scenario?: string
  readonly repeat: number
  readonly reboots: number
  readonly asDeclared?: boolean
}

/**
 * What `npm start -- …` was asked for; null where only the help was.
 * @throws {UserError} with exit code 2
 */
export function startOptions(args: readonly string[], env: NodeJS.ProcessEnv = process.env): StartOptions | null {
  const flags = parse<Flags>(
    withCommonFlags(
      command('npm start', 'Runs scenarios on a cluster and says what came of them.')
        .option('--cluster <NAME|FILE>', 'the cluster definition, by name or as a YAML or JSON file (default: kind)')
        .option('--scenario <GLOB>', `the scenarios by name, '*' for all (default: ${globOf(shortProfile)})`)
        .option('--repeat <N>', 'run each scenario so often', wholeNumber(1, 1_000), 1)
        .option('--reboots <N>', 'reboots of a storm', wholeNumber(1, 20), 5)
        .option(...asDeclaredFlag)
        .option(...noTty),
    ),
    args,
  )
  if (flags === null) return null
  const { cluster, scenario = globOf(shortProfile), repeat, reboots, asDeclared = false } = flags
  const reference = definitionReference(cluster, env)
  return { ...commonOptions(flags, env), cluster: reference, scenario, repeat, reboots, asDeclared }
}

/** Of the commands whose exit code goes by what violates, whoever declared it. */
export const asDeclaredFlag = [
  '--as-declared',
  'exit code 0 also for violations that the scenarios declare of this cluster',
] as const

/** Of the commands that show a run as it happens. */
export const noTty = ['--no-tty', 'plain lines, also on a terminal'] as const

export function withCommonFlags(to: ReturnType<typeof command>): ReturnType<typeof command> {
  return to
    .option('--offline', 'ask no image registry')
    .option('--keep', 'leave the clusters running at the end')
    .option('--out <DIR>', 'where verdicts, journals and results go (default: reports/out)')
    .option('--debug', 'show where errors come from')
    .option('--whole-matrix', 'boot every combination of what scenarios boot themselves, not only a sample')
}

export function commonOptions(flags: CommonFlags, env: NodeJS.ProcessEnv): CommonOptions {
  const { offline = false, keep = false, out, debug = false, wholeMatrix = false, tty = true } = flags
  return {
    offline: offline || isOffline(env),
    keep,
    out: out === undefined ? path.join(projectFolder, 'reports/out') : userPath(out, env),
    debug,
    matrix: wholeMatrix ? 'whole' : 'sample',
    tty,
  }
}

/** A file is told from a name as clusters/index.ts does: by a point or a slash. */
function definitionReference(given: string | undefined, env: NodeJS.ProcessEnv): string | null {
  if (given === undefined) return null
  return /[./]/.test(given) ? userPath(given, env) : given
}
