import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'
import { unitProject } from '../reports/run-events.ts'
import { readVerdicts } from '../reports/verdicts-file.ts'
import { shownPath } from './command.ts'

/** Seconds that each file takes, by its path; `unit`: all unit tests together. */
export type Weights = Readonly<Record<string, number>>

/** What the development machine took, two files at a time. `npm run shards -- --weights DIR --save` renews it. */
export const weightsFile = path.join(projectFolder, 'cli/shard-weights.json')

const weightsSchema = z.record(z.string(), z.number().positive())

/**
 * The weights that are known: the committed ones, and over them those of a former run, which is not looked for but
 * named. Machines that each took what they remember would divide the files differently, and some would run nowhere.
 * @param former output directory of a run, or of a report of several
 * @throws {UserError} with exit code 2 where that has taken no times
 */
export function knownWeights(former: string | null, committed = weightsFile): Weights {
  const own = weightsSchema.parse(JSON.parse(readFileSync(committed, 'utf8')))
  return former === null ? own : { ...own, ...formerWeights(former) }
}

/** How long each suite of a former run took, in seconds. */
export function formerWeights(directory: string): Weights {
  const files = readVerdicts(directory)?.run.files ?? []
  const taken = files.filter(({ tookMs }) => tookMs > 0)
  if (taken.length > 0) return Object.fromEntries(taken.map(({ file, tookMs }) => [file, tookMs / 1_000]))
  const what = existsSync(path.join(directory, 'verdicts.json')) ? 'which has no times of suites' : 'and there is none'
  throw new UserError(`--weights wants the verdicts.json of a former npm test in ${shownPath(directory)}, ${what}`, {
    exitCode: 2,
    hint: 'Name the output directory of a run that came to its end, or of the report of its shards.',
  })
}

/** The weight of a file: what is known of it, or else what is usual among those that are known. */
export function weigh(weights: Weights): (file: string) => number {
  const known = Object.entries(weights)
    .flatMap(([file, seconds]) => (file === unitProject ? [] : [seconds]))
    .toSorted((a, b) => a - b)
  const usual = known[Math.floor(known.length / 2)] ?? 1
  return (file) => weights[file] ?? usual
}

/** The committed weights with those of a run in their place, in whole seconds; what it did not run stays as it was. */
export function renewedWeights(directory: string): Weights {
  const renewed = Object.entries({ ...knownWeights(null), ...formerWeights(directory) })
  return Object.fromEntries(
    renewed
      .map(([file, seconds]) => [file, Math.max(1, Math.round(seconds))] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
