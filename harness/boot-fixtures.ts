import path from 'node:path'

import picomatch from 'picomatch'
import { inject as provided, test, type TestContext } from 'vitest'

import { admission } from './admission/admission.ts'
import type { Sabotage } from './fixtures.ts'
import { HostMonitor } from './host-monitor.ts'
import { Journal } from './journal.ts'
import { noCluster } from './no-cluster.ts'
import { startCluster } from './providers/start.ts'
import { currentRun, type Run } from './run.ts'
import type { ScenarioBody } from './scenario-context.ts'
import { judge, type ScenarioOptions, verdictWithoutCluster } from './scenario.ts'
import type { ClusterDefinition } from './topology.ts'
import type { Verdict } from './verdict.ts'
import { conclude } from './verdict-test.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What scenarios boot that judge a first boot, and those that judge a second one. */
    readonly boots: { readonly first: readonly ClusterDefinition[]; readonly second: readonly ClusterDefinition[] }
  }
}

export interface BootScenarioOptions extends Omit<ScenarioOptions, 'expected' | 'ownHealth'> {
  /** Whether it is about the machines' first boot or about what comes after it. */
  readonly boot: 'first' | 'second'
  /** What is declared of a cluster of this definition; undefined: that it conforms. */
  readonly expected?: (definition: ClusterDefinition) => ScenarioOptions['expected']
}

/**
 * Declares a scenario whose fault is the boot itself: for each definition that the run gives, a cluster of its own is
 * handed over as soon as its API answers, well or not.
 */
export function bootScenario(name: string, options: BootScenarioOptions, body: ScenarioBody): void {
  const { repeat } = currentRun()
  const definitions = provided('boots')[options.boot]
  for (const definition of definitions) {
    for (let time = 1; time <= repeat; time += 1) {
      const title = `${name} on ${definition.name}${repeat === 1 ? '' : ` (${time} of ${repeat})`}`
      declare(title, { name, definition, body, expected: options.expected?.(definition), options })
    }
  }
  if (definitions.length === 0) declareSkipped(name)
}

/** The cluster that the run was given has nothing to boot for it: that is a verdict as well. */
function declareSkipped(name: string): void {
  const run = currentRun()
  const selected = run.scenario === null || picomatch.isMatch(name, run.scenario)
  test.skipIf(!selected)(name, ({ task, skip }) => {
    const definition = provided('definition')
    const reason = `the machines of ${definition.name} have their names from the start (identity.boot: static)`
    conclude(verdictWithoutCluster(name, {}, definition, { outcome: 'skipped', reason }), task, skip)
  })
}

export interface BootCounterTest {
  readonly expected: NonNullable<ScenarioOptions['expected']>
  /** Which of the run's definitions for a second boot it is for. */
  readonly on: (definition: ClusterDefinition) => boolean
  readonly sabotage: Sabotage
}

interface BootScenario {
  readonly name: string
  readonly definition: ClusterDefinition
  readonly body: ScenarioBody
  readonly expected: ScenarioOptions['expected'] | undefined
  readonly options: Pick<ScenarioOptions, 'requires'>
  readonly sabotage?: Sabotage
}

/** Declares a counter-test of a second boot: the same body, on a cluster that is made worse once its API answers. */
export function bootCounter(
  name: string,
  against: string,
  body: ScenarioBody,
  { expected, on, sabotage }: BootCounterTest,
): void {
  const title = `${name} against ${against}`
  const definition = provided('boots').second.find(on)
  if (definition === undefined) test.skip(title)
  else declare(title, { name: title, definition, body, expected, options: {}, sabotage }, name)
}

/** `selectedAs`: the scenario's own name, where a counter-test of it has a longer one. */
function declare(title: string, scenario: BootScenario, selectedAs = scenario.name): void {
  const run = currentRun()
  const selected = run.scenario === null || picomatch.isMatch(selectedAs, run.scenario)
  test.skipIf(!selected)(title, async ({ task, skip }) => {
    conclude(await bootAndJudge(title, scenario, run, task), task, skip)
  })
}

async function bootAndJudge(
  title: string,
  { name, definition, body, expected, options, sabotage }: BootScenario,
  run: Run,
  { meta }: Pick<TestContext['task'], 'meta'>,
): Promise<Verdict> {
  // Each cluster has a journal of its own.
  const file = `${title.replaceAll(/[^\w.-]+/g, '-')}-${run.id}.jsonl`
  using journal = new Journal(path.join(run.out, 'journal', file), run.clock)
  const { name: clusterName, nodes } = definition
  using place = await admission({ name: clusterName, machines: nodes.length, yields: false, expectedMs: 0 }, journal)
  meta.waitedMs = place.waitedMs
  using host = new HostMonitor(run.clock, place)
  const { requires = [] } = options
  const declared = expected === undefined ? { requires } : { requires, expected }
  let verdict: Verdict | undefined
  try {
    await using cluster = await startCluster(definition, { run, journal, host, unhealthy: 'tolerated' })
    await place.started()
    await using _ = await sabotage?.(cluster)
    verdict = await judge(name, { ...declared, ownHealth: true }, body, cluster, run.out)
  } catch (error) {
    // What fails after the verdict, in the clearing up, does not undo it.
    journal.append('cluster', 'failed', definition.name, String(error))
    verdict ??= verdictWithoutCluster(name, declared, definition, noCluster(error, run))
  }
  return verdict
}
