import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { sampleVerdict } from '../sample-verdict.ts'
import { foldRecovery } from './recovery.ts'
import { anyRecords, folded, record } from './sample-records.ts'

const pod = (t: number, name: string, changes: object = {}, kind = 'MODIFIED') =>
  record(t, 'api-watch', kind, `pod/kube-system/${name}`, {
    uid: name,
    node: 'c-worker',
    phase: 'Running',
    reason: null,
    ready: true,
    deleting: false,
    owner: 'DaemonSet/kube-proxy',
    ownerUid: 'ds-1',
    templateGeneration: '1',
    disruption: null,
    ...changes,
  })
const fails = (t: number, name: string, reason = 'Terminated') => pod(t, name, { phase: 'Failed', reason })
const goes = (t: number, name: string) => pod(t, name, { phase: 'Failed', reason: 'Terminated', deleting: true })
const reboots = (t: number) => record(t, 'fault', 'injecting', 'node/c-worker', { fault: 'reboot' })
const replacement = (t: number, name: string, data: object) =>
  record(t, 'probe', 'replacement', `pod/kube-system/${name}`, {
    pod: `kube-system/${name}`,
    owner: 'DaemonSet/kube-proxy',
    node: 'c-worker',
    reason: 'NodeShutdown',
    ...data,
  })

describe('foldRecovery', () => {
  it('has each failed pod with its reboot, how long it was left there, and what the model said while it waited', () => {
    const { delays, reboots: count } = folded(foldRecovery, [
      pod(900, 'a'),
      reboots(1_000),
      fails(2_000, 'a'),
      goes(2_030, 'a'),
      reboots(10_000),
      fails(11_000, 'b', 'NodeShutdown'),
      replacement(12_000, 'b', { failedAt: 11_000, predictedDelayMs: 4_000, measuredDelayMs: null }),
      goes(15_100, 'b'),
      // A new leader of the controller-manager would have it deleted at once.
      replacement(15_200, 'b', { failedAt: 11_000, predictedDelayMs: 100, measuredDelayMs: 4_100 }),
      fails(16_000, 'c', 'NodeShutdown'),
    ])

    expect(count).toBe(2)
    expect(delays).toMatchObject([
      { pod: 'kube-system/a', reboot: 1, reason: 'Terminated', predictedMs: null, measuredMs: 30 },
      { pod: 'kube-system/b', reboot: 2, reason: 'NodeShutdown', predictedMs: 4_000, measuredMs: 4_100 },
      { pod: 'kube-system/c', owner: 'DaemonSet/kube-proxy', predictedMs: null, measuredMs: null },
    ])
  })

  it('takes nothing of an earlier scenario for its own', () => {
    const { delays } = folded(foldRecovery, [
      fails(500, 'old'),
      goes(1_100, 'old'),
      replacement(1_200, 'old', { failedAt: 500, predictedDelayMs: 0, measuredDelayMs: 600 }),
      replacement(1_200, 'older', { failedAt: 300, predictedDelayMs: 0, measuredDelayMs: 10 }),
    ])
    expect(delays).toEqual([])
  })

  it('leaves out pods of nobody and pods that failed while they were deleted', () => {
    const { delays } = folded(foldRecovery, [
      pod(1_100, 'mine', { phase: 'Failed', owner: null }),
      pod(1_100, 'job', { phase: 'Failed', owner: 'Job/x' }),
      goes(1_200, 'late'),
    ])
    expect(delays).toEqual([])
  })

  it('reads predictions off the storm and the verdict of an older journal', () => {
    const verdict = sampleVerdict({
      measurements: [
        { name: 'DaemonSet/kube-proxy Terminated: predicted delay', value: 0, unit: 'ms' },
        { name: 'DaemonSet/kube-proxy Terminated: measured delay', value: 30.001, unit: 'ms' },
      ],
    })
    const records = [
      reboots(1_000),
      fails(2_000, 'a'),
      goes(2_030, 'a'),
      fails(2_100, 'b', 'NodeShutdown'),
      record(3_000, 'fault', 'storm', 'node/c-worker', {
        nodeReadyAt: 3_000,
        predictedDelayMs: 1_000,
        predictedAt: 3_100,
      }),
    ]
    expect(folded(foldRecovery, records, { verdict }).delays).toMatchObject([
      { predictedMs: 0, measuredMs: 30 },
      { predictedMs: 1_000, measuredMs: null },
    ])
  })

  it('knows a remedy by what the objective is counted from', () => {
    const objective = {
      name: 'every DaemonSet pod of the node is Ready within the objective',
      budget: '15 s = objectives.daemonSetRecovery 15 s (cluster definition)',
      withinMs: 15_000,
      since: 5_000.125,
    }
    const { remedies, objectiveMs, cluster } = folded(foldRecovery, [
      record(100, 'cluster', 'ready', 'c'),
      record(4_900, 'fault', 'storm', 'node/c-worker', {
        nodeReadyAt: 4_900,
        predictedDelayMs: 32_000,
        predictedAt: 30_000,
      }),
      record(5_000.125, 'cluster', 'restarting', 'kube-controller-manager'),
      record(5_001, 'expectation', 'waiting', objective.name, objective),
      record(9_000, 'expectation', 'met', objective.name, { ...objective, tookMs: 3_999 }),
    ])
    expect({ objectiveMs, cluster }).toEqual({ objectiveMs: 15_000, cluster: 'c' })
    expect(remedies).toEqual([
      {
        name: 'restart kube-controller-manager',
        appliedAt: 5_000.125,
        tookMs: 3_999,
        withinMs: 15_000,
        condition: objective.name,
        storm: { nodeReadyAt: 4_900, predictedAt: 30_000 },
      },
    ])
  })

  it('takes any record, and keeps a bounded number of pods', () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        expect(() => folded(foldRecovery, records)).not.toThrow()
      }),
    )
    const many = Array.from({ length: 1_000 }, (_, index) => fails(2_000 + index, `p${index}`))
    const { delays, omitted } = folded(foldRecovery, many)
    expect(delays.length).toBeLessThan(500)
    expect(delays.length + omitted).toBe(1_000)
  })
})
