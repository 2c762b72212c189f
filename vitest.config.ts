import { defineConfig } from 'vitest/config'

import { admissionVariable } from './harness/admission/protocol.ts'
import { LongestFirst } from './cli/longest-first.ts'
import { knownWeights } from './cli/shard-weights.ts'
import {
  counterCluster,
  defaultCluster,
  resolveCluster,
  splitCluster,
  splitCounterCluster,
  joiningCluster,
  embeddedMirrorCluster,
  growingCluster,
  mirrorCluster,
  policedCluster,
  standbyCluster,
} from './clusters/index.ts'
import { identityClusters, identitySample, rebootClusters } from './clusters/identity.ts'
import type { ClusterDefinition } from './harness/topology.ts'
import { currentRun, testedAtOnce } from './harness/run.ts'

const run = currentRun()
const chosen = run.cluster === null ? null : resolveCluster(run.cluster)

/** No timer of vitest ends a scenario: every wait in it has a deadline of its own, and these are far beyond their sum. */
const scenarioLimitMs = 60 * 60_000

/**
 * How many files may ask for a cluster: those that are tested, and one that starts ahead (harness/admission). One port fits
 * one, and an existing cluster is only one: what strikes it must be one scenario at a time.
 */
const isSingle = chosen?.network.apiPort !== undefined || chosen?.provider === 'existing'
const atOnce = testedAtOnce(run)
const isAdmitted = process.env[admissionVariable] !== undefined
const files = isSingle ? 1 : atOnce > 1 && isAdmitted ? atOnce + 1 : atOnce

/** By them is known which cluster should be done soon. */
const weights = knownWeights(null)

const scenarios = {
  pool: 'forks' as const,
  maxWorkers: files,
  // V8 lets a young generation grow that it never needs here: a third of the resident memory, for no processor time.
  execArgv: ['--max-semi-space-size=2'],
  sequence: { groupOrder: 1 },
  testTimeout: scenarioLimitMs,
  hookTimeout: scenarioLimitMs,
  teardownTimeout: scenarioLimitMs,
  retry: 0,
  setupFiles: 'allure-vitest/setup',
}

/** The machines that boot before they know their names: all of them where the whole matrix is wanted. */
const boots = () => {
  if (chosen !== null) {
    const clouds = chosen.identity.boot === 'static' ? [] : [chosen]
    return { first: clouds, second: clouds }
  }
  return { first: run.matrix === 'whole' ? identityClusters : identitySample, second: rebootClusters }
}

/** Scenarios and what they run on unless the run names another cluster. */
const suites = (name: string, include: string[], definition: ClusterDefinition) => ({
  test: { name, include, ...scenarios, provide: { definition: chosen ?? definition, boots: boots(), weights } },
})

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ['./reports/verdicts-reporter.ts', './reports/allure/reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{cli,clusters,harness,reports,setup.d,suites}/**/*.test.ts'],
          // For one that hangs. How fast a test is says something of the machine, and nothing of what it tests.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      suites('scenarios', ['suites/{recovery,providers}/*.suite.ts'], defaultCluster),
      suites('scenarios:split', ['suites/roles/*.suite.ts'], splitCluster),
      suites('scenarios:joining', ['suites/join/*.suite.ts'], joiningCluster),
      suites('scenarios:identity', ['suites/identity/*.suite.ts'], defaultCluster),
      suites('scenarios:election', ['suites/election/!(control-plane).suite.ts'], policedCluster),
      suites('scenarios:standby', ['suites/election/control-plane.suite.ts'], standbyCluster),
      suites('scenarios:mirror', ['suites/mirror/mirror.suite.ts'], mirrorCluster),
      suites('scenarios:growing', ['suites/mirror/{scaling,stale-leader}.suite.ts'], growingCluster),
      suites('scenarios:embedded', ['suites/mirror/embedded.suite.ts'], embeddedMirrorCluster),
      suites('counter', ['suites/{recovery,providers}/!(slow-host).counter.ts'], counterCluster),
      suites('counter:split', ['suites/{roles,join}/*.counter.ts'], splitCounterCluster),
      suites('counter:identity', ['suites/identity/*.counter.ts'], counterCluster),
      suites('counter:election', ['suites/election/!(control-plane).counter.ts'], policedCluster),
      suites('counter:standby', ['suites/election/control-plane.counter.ts'], standbyCluster),
      suites('counter:mirror', ['suites/mirror/mirror.counter.ts'], mirrorCluster),
      suites('counter:growing', ['suites/mirror/scaling.counter.ts'], growingCluster),
      // What only the campaign of sabotages has (npm run campaign).
      suites('campaign', ['suites/campaign/!(roles|election|standby|mirror).counter.ts'], counterCluster),
      suites('campaign:split', ['suites/campaign/roles.counter.ts'], splitCounterCluster),
      suites('campaign:election', ['suites/campaign/election.counter.ts'], policedCluster),
      suites('campaign:standby', ['suites/campaign/standby.counter.ts'], standbyCluster),
      suites('campaign:mirror', ['suites/campaign/mirror.counter.ts'], mirrorCluster),
      {
        // It takes the processors from everything beside it: last, and alone.
        test: {
          name: 'slow-host',
          include: ['suites/**/slow-host.counter.ts'],
          ...scenarios,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          provide: { definition: chosen ?? counterCluster, weights },
        },
      },
    ],
  },
})
