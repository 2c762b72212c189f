import { defineConfig } from 'vitest/config'

import { counterCluster, defaultCluster, resolveCluster } from './clusters/index.ts'
import { currentRun } from './harness/run.ts'

const run = currentRun()
const chosen = run.cluster === null ? null : resolveCluster(run.cluster)

/** No timer of vitest ends a scenario: every wait in it has a deadline of its own, and these are far beyond their sum. */
const scenarioLimitMs = 30 * 60_000

const scenarios = {
  testTimeout: scenarioLimitMs,
  hookTimeout: scenarioLimitMs,
  teardownTimeout: scenarioLimitMs,
  retry: 0,
  setupFiles: ['allure-vitest/setup'],
}

export default defineConfig({
  test: {
    fileParallelism: false,
    pool: 'forks',
    reporters: ['./reports/verdicts-reporter.ts', './reports/allure-reporter.ts'],
    projects: [
      { test: { name: 'unit', include: ['{cli,clusters,harness,reports,setup.d,suites}/**/*.test.ts'] } },
      { extends: true, test: { name: 'scenarios', include: ['suites/**/*.suite.ts'], ...scenarios, provide: { definition: chosen ?? defaultCluster } } },
      { extends: true, test: { name: 'counter', include: ['suites/**/*.counter.ts'], ...scenarios, provide: { definition: chosen ?? counterCluster } } },
    ],
  },
})
