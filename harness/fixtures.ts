import path from 'node:path'

import picomatch from 'picomatch'
import { expect, inject as provided, test } from 'vitest'

import type { StartedCluster } from './cluster.ts'
import { HostMonitor } from './host-monitor.ts'
import { Journal } from './journal.ts'
import { startCluster } from './providers/start.ts'
import { currentRun, type Run } from './run.ts'
import { judge, type ScenarioBody, type ScenarioOptions, verdictWithoutCluster } from './scenario.ts'
import type { ClusterDefinition } from './topology.ts'
import { formatError } from './user-error.ts'
import { asExpected, type Verdict } from './verdict.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What the suites run on. */
    readonly definition: ClusterDefinition
  }
  interface TaskMeta {
    verdict?: Verdict
  }
}

/** A cluster, or why there is none. A fixture that throws would leave its scenarios without a verdict. */
type ClusterStart = { readonly cluster: StartedCluster } | { readonly failure: string }

const clusterTest = test.extend<{ start: ClusterStart }>({
  start: [
    async ({}, use) => {
      const run = currentRun()
      const name = path.basename(expect.getState().testPath ?? 'scenario').replace(/\.(suite|counter)\.ts$/, '')
      using journal = new Journal(path.join(run.out, 'journal', `${name}-${run.id}.jsonl`), run.clock)
      using host = new HostMonitor(run.clock)
      const start = await startOrExplain(run, journal, host)
      await use(start)
      if ('cluster' in start) await start.cluster[Symbol.asyncDispose]()
    },
    { scope: 'file' },
  ],
})

async function startOrExplain(run: Run, journal: Journal, host: HostMonitor): Promise<ClusterStart> {
  try {
    return { cluster: await startCluster(provided('definition'), { run, journal, host }) }
  } catch (error) {
    journal.append('cluster', 'failed', provided('definition').name, String(error))
    return { failure: formatError(error, { debug: run.debug }) }
  }
}

/**
 * Declares a scenario. The test passes where the verdict is the declared one (default: `conforms`), and is retried
 * never. All scenarios of a file share one cluster, made from the definition that the run was given.
 */
export function scenario(name: string, options: ScenarioOptions, body: ScenarioBody): void
export function scenario(name: string, body: ScenarioBody): void
export function scenario(
  name: string,
  optionsOrBody: ScenarioOptions | ScenarioBody,
  bodyOrNothing?: ScenarioBody,
): void {
  const [options, body] =
    typeof optionsOrBody === 'function' ? [{}, optionsOrBody] : [optionsOrBody, required(bodyOrNothing)]
  const run = currentRun()
  const selected = run.scenario === null || picomatch.isMatch(name, run.scenario)
  for (let time = 1; time <= run.repeat; time += 1) {
    const title = run.repeat === 1 ? name : `${name} (${time} of ${run.repeat})`
    clusterTest.skipIf(!selected)(title, async ({ start, task, skip }) => {
      const verdict =
        'cluster' in start
          ? await judge(name, options, body, start.cluster, run.out)
          : verdictWithoutCluster(name, options, provided('definition'), start.failure)
      task.meta.verdict = verdict
      skip(verdict.outcome === 'skipped', verdict.reason)
      expect.soft(asExpected(verdict), explain(verdict)).toBe(true)
    })
  }
}

function required(body: ScenarioBody | undefined): ScenarioBody {
  if (body === undefined) throw new TypeError('a scenario needs a body')
  return body
}

function explain({ scenario: name, outcome, expected, diagnosis, reason }: Verdict): string {
  const wanted = expected === null ? 'conforms' : `${expected.outcome} ${expected.diagnosis}`
  const cause = diagnosis === null ? '' : `\n${diagnosis.code}: ${diagnosis.summary}`
  return `${name}: ${outcome}, expected ${wanted}${cause}\n${reason}`
}
