import { describe, expect, it } from 'vitest'

import {
  engineRestart,
  leaseRenewed,
  nodeNotReady,
  nodeReadyAfterReboot,
  nodeReadyAfterStart,
  systemdStop,
} from './boot.ts'
import { type Budget, describeBudget, type Term } from './budget.ts'
import * as constants from './constants.ts'
import { apiServerBack, leasesHeld } from './control-plane.ts'
import { daemonSetBackoff, daemonSetObjective, deletedAfterBackoff } from './daemonset.ts'
import * as election from './election.ts'
import * as etcd from './etcd.ts'
import { finalName, firstBoot } from './identity.ts'
import { imagePulled, instanceReady, peerFound, providerRecord, readinessLost } from './mirror.ts'
import { policyInForce } from './policy.ts'
import { requestsMoveOn, serviceObjective } from './service.ts'

const { controlPlaneElection: timing } = election
const startup: Term = { name: 'startupProbe 60 × 1 s', ms: 60_000, source: 'a chart' }

const budgets: Record<string, Budget> = {
  nodeReadyAfterStart: nodeReadyAfterStart(60_000),
  nodeReadyAfterReboot: nodeReadyAfterReboot(30_000, 60_000),
  nodeNotReady: nodeNotReady(50_000),
  leaseRenewed,
  apiServerBack: apiServerBack(30_000, 60_000),
  leasesHeld: leasesHeld(),
  daemonSetBackoff: daemonSetBackoff(64_000),
  daemonSetObjective: daemonSetObjective(60_000),
  deletedAfterBackoff: deletedAfterBackoff(64_000),
  lockTaken: election.lockTaken(timing),
  lockTakenOver: election.lockTakenOver(timing),
  lockTakenAgain: election.lockTakenAgain(timing, 2),
  lockOfSpegel: election.lockTaken(election.spegelElection),
  electedOrEnded: election.electedOrEnded(startup),
  recoveredWithoutHands: election.recoveredWithoutHands(timing, startup, 2),
  leaderLost: etcd.leaderLost(),
  memberLost: etcd.memberLost(),
  quorumBack: etcd.quorumBack({ outageMs: 90_000 }),
  writesFailWithin: etcd.writesFailWithin(),
  finalName: finalName(60_000, 5_000),
  firstBoot: firstBoot(60_000, 5_000),
  peerFound,
  readinessLost,
  instanceReady: instanceReady(startup),
  imagePulled: imagePulled(5_000_000, { resolve: startup }),
  policyInForce,
  requestsMoveOn,
  serviceObjective: serviceObjective(10_000),
}

/** Constants that scenarios take one by one. */
const terms: readonly Term[] = [
  engineRestart,
  systemdStop,
  providerRecord,
  constants.nodeMonitorPeriod,
  ...Object.values(election.spegelElection),
  ...Object.values(timing),
]

describe('every budget', () => {
  it.each(Object.entries(budgets))('%s is the sum of its terms', (_, { ms, terms: own }) => {
    expect(ms).toBeCloseTo(own.reduce((sum, term) => sum + term.ms, 0))
    expect(ms).toBeGreaterThan(0)
  })

  it.each(Object.entries(budgets))('%s names each of its terms, and where that comes from', (_, budget) => {
    for (const { name, ms, source } of [...budget.terms, ...terms]) {
      expect(name).toMatch(/\S.*\S/)
      expect(source).toMatch(/\S.*\S/)
      expect(ms).toBeGreaterThanOrEqual(0)
    }
    for (const { name, source } of budget.terms) {
      expect(describeBudget(budget)).toContain(name)
      expect(describeBudget(budget)).toContain(`(${source})`)
    }
  })

  it('says of a back-off whose it is', () => {
    for (const { source } of [constants.containerBackoff, constants.failedPodsBackoff]) expect(source).toMatch(/\S.*\S/)
    expect(constants.containerBackoff.source).toContain('kubelet')
  })

  it('says of what is multiplied by how much', () => {
    const names = Object.values(budgets).flatMap(({ terms: own }) => own.map(({ name }) => name))
    for (const name of ['retry period × 2.2', 'retry period × jitter', 'startupProbe 60 × 1 s × 4']) {
      expect(names).toContain(name)
    }
  })
})
