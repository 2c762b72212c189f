import type { RunSettings } from '../harness/run.ts'
import { UserError } from '../harness/user-error.ts'
import type { Shard } from '../harness/verdict.ts'
import { unitProject } from '../reports/run-events.ts'
import { type SuiteFile, suiteFiles } from './shard-files.ts'
import { type Placed, planShards } from './shard-plan.ts'
import { knownWeights, weigh } from './shard-weights.ts'

/** Which part of the scenarios a run is given: `--shard 2/5`. */
export interface ShardChoice {
  readonly index: number
  readonly count: number
}

/** What is divided, and by what. */
export interface Division {
  /** Of vitest.config.ts, `unit` among them or not. */
  readonly projects: readonly string[]
  readonly matrix: RunSettings['matrix']
  /** Output directory of a former run that says how long each file takes; null: the committed table does. */
  readonly weights: string | null
}

/** `measured`: what it takes is known, and not what others usually take. */
export type PlannedFile = Placed<SuiteFile & { readonly weight: number; readonly measured: boolean }>

/** The files of all shards. */
export interface Plan {
  readonly count: number
  readonly files: readonly PlannedFile[]
  /** Seconds of unit tests, which shard 1 alone runs. */
  readonly units: number
}

/**
 * Divides the files of scenarios and counter-tests: the same on every machine that has the same tree and is told the same.
 *
 * vitest's own --shard sorts all files by a hash of their paths and cuts the list into equal numbers: a suite of 20 minutes
 * counts as much as one of 40 s and as one of 600 files of unit tests, and nobody outside of vitest knows what a shard lacks.
 * @throws {UserError} with exit code 2 where there are fewer files than shards
 */
export async function plan({ projects, matrix, weights }: Division, count: number): Promise<Plan> {
  const files = await suiteFiles(projects, matrix)
  if (files.length < count) {
    throw new UserError(`${count} shards, and only ${files.length} files of scenarios in ${projects.join(', ')}`, {
      exitCode: 2,
      hint: 'A file is the smallest part: name fewer shards, or more projects.',
    })
  }
  const known = knownWeights(weights)
  const weightOf = weigh(known)
  const units = projects.includes(unitProject) ? (known[unitProject] ?? 0) : 0
  const weighed = files.map(({ file, project, alone, scenarios }) => {
    return { file, project, alone, scenarios, weight: weightOf(file), measured: file in known }
  })
  return { count, files: planShards(weighed, count, { first: units }), units }
}

/** What `verdicts.json` says of a shard. */
export function shardRecord({ files, count }: Pick<Plan, 'files' | 'count'>, index: number): Shard {
  return { index, count, plan: files.map(({ file, shard, scenarios }) => ({ file, shard, scenarios: [...scenarios] })) }
}
