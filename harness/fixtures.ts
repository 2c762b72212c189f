import path from 'node:path'

import picomatch from 'picomatch'
import { expect, inject as provided, test } from 'vitest'

import { admission } from './admission/admission.ts'
import { YieldingStart } from './admission/yielding-start.ts'
import type { StartedCluster } from './cluster.ts'
import { HostMonitor } from './host-monitor.ts'
import { projectFolder } from './images/settings.ts'
import { Journal, journalNameOf } from './journal.ts'
import { type NoCluster, noCluster } from './no-cluster.ts'
import type { ProviderContext } from './providers/provider.ts'
import { startCluster } from './providers/start.ts'
import { currentRun } from './run.ts'
import type { ScenarioBody } from './scenario-context.ts'
import { judge, type ScenarioOptions, verdictWithoutCluster } from './scenario.ts'
import type { ClusterDefinition } from './topology.ts'
import { conclude } from './verdict-test.ts'
import type { Verdict } from './verdict.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What the suites run on. */
    readonly definition: ClusterDefinition
    /** Seconds that each file took before, by its path from the project's folder. */
    readonly weights: Readonly<Record<string, number>>
  }
}

/** A cluster, or why there is none. A fixture that throws would leave its scenarios without a verdict. */
type ClusterStart = ({ readonly cluster: StartedCluster } | { readonly none: NoCluster }) & {
  /** How long it had to wait for its place, until somebody has taken that into account. */
  waitedMs?: number
}

const clusterTest = test.extend<{ start: ClusterStart }>({
  start: [
    async ({}, use) => {
      const run = currentRun()
      const { testPath = 'scenario' } = expect.getState()
      const file = `${journalNameOf(testPath)}-${run.id}.jsonl`
      using journal = new Journal(path.join(run.out, 'journal', file), run.clock)
      const { name, nodes } = provided('definition')
      const expectedMs = (provided('weights')[path.relative(projectFolder, testPath)] ?? 0) * 1_000
      using place = await admission({ name, machines: nodes.length, yields: true, expectedMs }, journal)
      using host = new HostMonitor(run.clock, place)
      const yielding = place.beside === 0 ? null : new YieldingStart()
      const onMachineStart = yielding?.add.bind(yielding)
      const start = await startOrExplain({ run, journal, host, onMachineStart })
      await yielding?.end()
      if ('cluster' in start) await place.started()
      start.waitedMs = place.waitedMs
      await use(start)
      if ('cluster' in start) await start.cluster[Symbol.asyncDispose]()
    },
    { scope: 'file' },
  ],
})

async function startOrExplain(context: ProviderContext): Promise<ClusterStart> {
  const { run, journal } = context
  try {
    return { cluster: await startCluster(provided('definition'), context) }
  } catch (error) {
    journal.append('cluster', 'failed', provided('definition').name, String(error))
    return { none: noCluster(error, run) }
  }
}

/** A scenario as a value. */
export interface Scenario {
  readonly name: string
  readonly options: ScenarioOptions
  readonly body: ScenarioBody
}

/** Where scenarios go while a suite is loaded for its scenarios only; null: they become tests. */
let collecting: Map<string, Scenario> | null = null

/**
 * Declares a scenario. The test passes where the verdict is the declared one (default: `conforms`), and is retried
 * never. All scenarios of a file share one cluster, made from the definition that the run was given.
 */
export function scenario(name: string, options: ScenarioOptions, body: ScenarioBody): void {
  if (collecting !== null) {
    collecting.set(name, { name, options, body })
    return
  }
  const { repeat } = currentRun()
  for (let time = 1; time <= repeat; time += 1) {
    declare(repeat === 1 ? name : `${name} (${time} of ${repeat})`, { name, options, body }, () => undefined)
  }
}

/** The scenarios of suites, without making tests of them. */
export async function scenariosOf(load: () => Promise<unknown>): Promise<ReadonlyMap<string, Scenario>> {
  collecting = new Map()
  try {
    await load()
    return collecting
  } finally {
    collecting = null
  }
}

/** What makes a cluster worse than it should be, and how that is undone; it is armed before the scenario begins. */
export type Sabotage = (cluster: StartedCluster) => Promise<AsyncDisposable>

export interface CounterTest {
  readonly expected: NonNullable<ScenarioOptions['expected']>
  readonly sabotage: Sabotage
  /** Another verdict of `npm test` shows its diagnosis, or it takes minutes: it runs with the whole matrix. */
  readonly nightly?: boolean
}

/**
 * Declares a counter-test: the scenario of that name, against a cluster made worse on purpose, must come to that
 * verdict. A scenario that cannot fail proves nothing.
 */
export function counter(
  scenarios: ReadonlyMap<string, Scenario>,
  name: string,
  against: string,
  { expected, sabotage, nightly = false }: CounterTest,
): void {
  const found = scenarios.get(name)
  if (found === undefined) throw new RangeError(`no suite declares the scenario ${name}`)
  const title = `${name} against ${against}`
  declare(
    title,
    { name: title, options: { ...found.options, expected, ...(nightly && { nightly }) }, body: found.body },
    sabotage,
  )
}

function declare(
  title: string,
  { name, options, body }: Scenario,
  prepare: (cluster: StartedCluster) => Promise<AsyncDisposable> | undefined,
): void {
  const run = currentRun()
  const selected =
    run.scenario === null ? options.nightly !== true || run.matrix === 'whole' : picomatch.isMatch(name, run.scenario)
  clusterTest.skipIf(!selected)(title, async ({ start, task, skip }) => {
    // Of the file's first test, which has made the cluster.
    task.meta.waitedMs = start.waitedMs ?? 0
    start.waitedMs = 0
    let verdict: Verdict
    if ('cluster' in start) {
      const { host, journal } = start.cluster
      // Before the sabotage: some of it passes, such as a lease that is not renewed.
      await host.turn.take(journal)
      await using _ = await prepare(start.cluster)
      verdict = await judge(name, options, body, start.cluster, run.out)
      // What fails after it, in the undoing of a sabotage, does not undo it.
      task.meta.verdict = verdict
    } else verdict = verdictWithoutCluster(name, options, provided('definition'), start.none)
    conclude(verdict, task, skip)
  })
}
