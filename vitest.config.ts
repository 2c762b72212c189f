import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

import { counterCluster, defaultCluster, resolveCluster } from './clusters/index.ts'
import { currentRun } from './harness/run.ts'

const run = currentRun()
const chosen = run.cluster === null ? null : resolveCluster(run.cluster)

/** No timer of vitest ends a scenario: every wait in it has a deadline of its own, and these are far beyond their sum. */
const scenarioLimitMs = 30 * 60_000

/** Scenarios mostly wait: two clusters of three nodes fit into two processors and 4 GiB. One port fits one. */
const clustersAtOnce = chosen?.network.apiPort === undefined ? Math.min(2, availableParallelism()) : 1

const slowHost = 'suites/**/slow-host.counter.ts'

const scenarios = {
  pool: 'forks' as const,
  maxWorkers: clustersAtOnce,
  // V8 lets a young generation grow that it never needs here: a third of the resident memory, for no processor time.
  execArgv: ['--max-semi-space-size=2'],
  sequence: { groupOrder: 1 },
  testTimeout: scenarioLimitMs,
  hookTimeout: scenarioLimitMs,
  teardownTimeout: scenarioLimitMs,
  retry: 0,
  setupFiles: 'allure-vitest/setup',
}

const onDefault = { provide: { definition: chosen ?? defaultCluster } }
const onCounter = { provide: { definition: chosen ?? counterCluster } }

export default defineConfig({
  test: {
    reporters: ['./reports/verdicts-reporter.ts', './reports/allure-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{cli,clusters,harness,reports,setup.d,suites}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { name: 'scenarios', include: ['suites/**/*.suite.ts'], ...scenarios, ...onDefault } },
      {
        test: { name: 'counter', include: ['suites/**/*.counter.ts'], exclude: [slowHost], ...scenarios, ...onCounter },
      },
      {
        // It takes the processors from everything beside it: last, and alone.
        test: {
          name: 'slow-host',
          include: [slowHost],
          ...scenarios,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...onCounter,
        },
      },
    ],
  },
})
