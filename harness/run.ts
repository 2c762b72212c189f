import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'

import { z } from 'zod'

import { type Clock, clockFrom, clockOrigin } from './clock.ts'
import { cacheFolder } from './images/settings.ts'

/** Every container, network and volume of a run carries this label; its value is the run's id. */
export const runLabel = 'clusterproof.run'

const runSchema = z.object({
  id: z.string().regex(/^[a-z0-9]{8}$/),
  origin: z.object({ monotonic: z.string().regex(/^\d+$/), startedAt: z.string() }),
  out: z.string(),
  keep: z.boolean(),
  offline: z.boolean(),
  debug: z.boolean(),
  /** Name or file of the cluster definition that replaces each suite's own; null: the suites' own. */
  cluster: z.string().nullable(),
  /** Glob of the scenarios to run; null: all. */
  scenario: z.string().nullable(),
  /** How often each scenario is run. */
  repeat: z.number().int().min(1).max(1_000),
  /** `whole`: every combination of what the scenarios boot themselves; `sample`: each once. */
  matrix: z.enum(['sample', 'whole']),
  /** How many reboots a storm may take (`recovery.reboot-storm`). */
  reboots: z.number().int().min(1).max(20),
  /** Most clusters that are tested at the same time; null: as many as there are processors, 8 at most. */
  clustersAtOnce: z.number().int().min(1).max(8).nullable(),
})

/** What all processes of one run share. It travels to the test workers in one environment variable. */
export type RunSettings = z.infer<typeof runSchema>

export interface Run extends RunSettings {
  readonly clock: Clock
  /**
   * Directory of the run's working files (kubeconfigs, generated configurations, packed images), mode 0700. It is in the
   * user's cache and not in `out`: what lies there is uploaded, archived and shown around.
   */
  readonly workDirectory: string
}

/** The environment's variable that holds a run's settings. Whatever a run starts inherits it: a sweep tells it by that. */
const variable = 'CLUSTERPROOF_RUN'

export function newRun(settings: Partial<Omit<RunSettings, 'id' | 'origin'>> = {}): Run {
  return withClock({
    id: randomBytes(5).readUIntBE(0, 5).toString(36).padStart(8, '0').slice(-8),
    origin: clockOrigin(),
    out: path.resolve('reports/out'),
    keep: false,
    offline: process.env['CLUSTERPROOF_OFFLINE'] === '1',
    debug: false,
    cluster: null,
    scenario: null,
    repeat: 1,
    matrix: 'sample',
    reboots: 5,
    clustersAtOnce: null,
    ...settings,
  })
}

/** How many clusters of the run are tested at the same time, at most. */
export function testedAtOnce({ clustersAtOnce }: Pick<Run, 'clustersAtOnce'>): number {
  return clustersAtOnce ?? Math.min(8, availableParallelism())
}

/** The run that the environment names, or a new one where there is none (a single file run by hand). */
export function currentRun(environment: NodeJS.ProcessEnv = process.env): Run {
  const text = environment[variable]
  return text === undefined ? newRun() : withClock(runSchema.parse(JSON.parse(text)))
}

/** The environment that makes `currentRun()` in a child process return this run. */
export function runEnvironment(run: Run): Record<string, string> {
  return { [variable]: JSON.stringify(runSchema.parse(run)) }
}

/** The id of the run that an environment is of; null: of none. */
export function runIdIn(environment: NodeJS.ProcessEnv): string | null {
  try {
    const { id } = runSchema.pick({ id: true }).parse(JSON.parse(environment[variable] ?? 'null'))
    return id
  } catch {
    return null
  }
}

function withClock(settings: RunSettings): Run {
  return {
    ...settings,
    clock: clockFrom(settings.origin),
    workDirectory: workDirectoryOf(settings.id),
  }
}

/** Where a run of this user has its working files, or has had them. */
export function workDirectoryOf(id: string, cache = cacheFolder()): string {
  return path.join(cache, 'work', id)
}

/** Where runs of this user say that they are there (reports/run-record.ts). */
export function recordsInCache(cache = cacheFolder()): string {
  return path.join(cache, 'runs')
}

/** Ids of the runs that have working files, sorted. */
export function runsWithFiles(cache = cacheFolder()): string[] {
  const folder = path.join(cache, 'work')
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names.filter((name) => runSchema.shape.id.safeParse(name).success).toSorted()
}
