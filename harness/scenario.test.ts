import { existsSync } from 'node:fs'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { budget } from './budgets/budget.ts'
import { diagnosis } from './diagnosis/catalog.ts'
import { ExpectationFailed } from './eventually.ts'
import { type FakeCluster, fakeCluster } from './fake-cluster.ts'
import { inject, MissingCapability, NeverStruck, NoEvidence } from './faults/fault.ts'
import { KubeApiError } from './kube/api.ts'
import type { Lapse } from './lapse.ts'
import type { ScenarioBody } from './scenario-context.ts'
import { judge, type ScenarioOptions, verdictWithoutCluster } from './scenario.ts'
import { type Diagnosis, verdictSchema } from './verdict.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

let cluster: FakeCluster

beforeEach(() => {
  time.now = 10_000
  cluster = fakeCluster(() => time.now)
})
afterEach(() => cluster[Symbol.asyncDispose]())

const stuck = diagnosis('recovery.daemonset-stuck', 'it does not come back')
const within = budget({ name: 'limit', ms: 1_000, source: 'test' })
const holds = { probe: () => Promise.resolve('up'), until: () => true, within }
const fails = { ...holds, until: () => false, diagnose: () => stuck }

async function verdictOf(body: ScenarioBody, options: ScenarioOptions = {}) {
  const verdict = await judge('s.x', options, body, cluster, cluster.out)
  expect(verdictSchema.parse(verdict)).toEqual(verdict)
  return verdict
}

describe('judge', () => {
  it('conforms where the body comes to its end', async () => {
    const verdict = await verdictOf(async ({ eventually, verify, measure }) => {
      expect(await eventually('it runs', holds)).toBe('up')
      verify('nothing is lost', true, () => stuck)
      measure('gap', 12.345_67, 'ms')
    })
    expect(verdict).toMatchObject({
      scenario: 's.x',
      cluster: 'fake',
      outcome: 'conforms',
      reason: '',
      diagnosis: null,
      bundle: null,
    })
    expect(verdict.expectations.map(({ name, tookMs }) => [name, tookMs])).toEqual([
      ['it runs', 0],
      ['nothing is lost', 0],
      ['the cluster is healthy after the fault', 0],
    ])
    expect(verdict.measurements).toEqual([{ name: 'gap', value: 12.346, unit: 'ms' }])
    expect(existsSync(path.join(cluster.out, verdict.journal))).toBe(true)
  })

  it('violates where an expectation fails, with its diagnosis and a bundle', async () => {
    const verdict = await verdictOf(async ({ eventually }) => void (await eventually('it runs', fails)))
    expect(verdict).toMatchObject({
      outcome: 'violates',
      diagnosis: stuck,
      expectations: [{ name: 'it runs', tookMs: null }],
    })
    expect(verdict.reason).toMatch(/^it runs: not within 1 s[^]*last observations:\n.*"up" \(\d times\)$/)
    expect(existsSync(path.join(cluster.out, verdict.bundle ?? '', 'nodes.json'))).toBe(true)
  })

  it('violates where a fact is not as it must be', async () => {
    const verdict = await verdictOf(async ({ verify }) => verify('nothing is lost', false, () => stuck))
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.reason).toContain('nothing is lost: it does not hold\n  it does not come back')
  })

  it('looks for the cause itself where nobody names it', async () => {
    const verdict = await verdictOf(
      async ({ eventually }) => void (await eventually('it runs', { ...holds, until: () => false })),
    )
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: { code: 'recovery.unexplained' } })
  })

  it('says in the cause that it looked for itself why what was waited for could not be explained', async () => {
    const diagnose = () => Promise.reject(new Error('no answer within 5000 ms'))
    const verdict = await verdictOf(
      async ({ eventually }) => void (await eventually('it runs', { ...holds, until: () => false, diagnose })),
    )
    expect(verdict.diagnosis?.summary).toMatch(/; its own diagnosis failed: no answer within 5000 ms$/)
  })

  it('goes on after a violation that it was told to go on after, and remembers it', async () => {
    const verdict = await verdictOf(async ({ eventually, eventuallyOrViolate }) => {
      expect(await eventuallyOrViolate('objective', fails)).toBeNull()
      await eventually('model', holds)
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.expectations.map(({ name, tookMs }) => [name, tookMs])).toEqual([
      ['objective', null],
      ['model', 0],
      ['the cluster is healthy after the fault', 0],
    ])
  })

  it('has the cause of what failed for good, where something else had failed before', async () => {
    const other = diagnosis('recovery.write-lost', 'gone')
    const verdict = await verdictOf(async ({ eventuallyOrViolate, verify }) => {
      await eventuallyOrViolate('objective', fails)
      verify('model', false, () => other)
    })
    expect(verdict.diagnosis).toEqual(other)
  })

  it('has the cause of what failed before, where what fails later is excused', async () => {
    const verdict = await verdictOf(async ({ verify, eventuallyOrViolate }) => {
      await eventuallyOrViolate('objective', fails)
      verify('nothing is lost', true, () => stuck)
      cluster.host.slow = 'the host stood still for 5.0 s'
      verify('model', false, () => diagnosis('recovery.write-lost', 'gone'))
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.expectations.map(({ name }) => name)).toEqual(['objective', 'nothing is lost', 'model'])
  })

  it('goes on after a stretch that is excused, and has the cause of what failed before it', async () => {
    cluster.host.kept = 0.5
    const verdict = await verdictOf(async ({ verify, eventuallyOrViolate, lasted }) => {
      await eventuallyOrViolate('objective', { ...fails, byTimer: true })
      lasted('model', [{ since: 10_000, ms: 1_500 }], within, () => diagnosis('recovery.write-lost', 'gone'))
      verify('nothing is lost', true, () => stuck)
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.expectations.slice(0, 3).map(({ name }) => name)).toEqual(['objective', 'model', 'nothing is lost'])
  })

  it('keeps a violation where what breaks later is no expectation, and says what that was', async () => {
    const verdict = await verdictOf(async ({ eventuallyOrViolate }) => {
      await eventuallyOrViolate('objective', fails)
      throw new KubeApiError('GET /x: no answer', 0)
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.reason).toMatch(/^objective: not within[^]*\nlater: GET \/x: no answer$/)
  })

  it('keeps a violation where something is missing later', async () => {
    const verdict = await verdictOf(async ({ eventuallyOrViolate }) => {
      await eventuallyOrViolate('objective', fails)
      throw new MissingCapability('no nft')
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.reason).toMatch(/\nlater: no nft$/)
  })

  it.each([new NoEvidence('no trace'), new SuppressedError(new NeverStruck('drill'), new Error('x'))])(
    'keeps no violation where there was no fault: %s',
    async (error) => {
      const verdict = await verdictOf(async ({ eventuallyOrViolate }) => {
        await eventuallyOrViolate('objective', fails)
        throw error
      })
      expect(verdict).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    },
  )

  it('has the violation that nothing excuses, after one that the host does', async () => {
    const verdict = await verdictOf(async ({ lasted, eventuallyOrViolate }) => {
      cluster.host.kept = 0.5
      lasted('no gap', [{ since: 10_000, ms: 1_500 }], within, () => diagnosis('recovery.write-lost', 'gone'))
      cluster.host.kept = 0
      await eventuallyOrViolate('objective', fails)
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
  })

  it('keeps the violation where the healing of its fault fails too', async () => {
    const verdict = await verdictOf(async ({ eventually }) => {
      await using _ = { [Symbol.asyncDispose]: () => Promise.reject(new Error('it does not start')) }
      await eventually('it runs', fails)
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
    expect(verdict.reason).toMatch(/^it runs: not within[^]*healing failed: Error: it does not start$/)
  })

  it('concludes nothing from what failed under a fault that never struck', async () => {
    const verdict = await verdictOf(async ({ eventually }) => {
      await using _ = { [Symbol.asyncDispose]: () => Promise.reject(new NeverStruck('drill: nothing showed it')) }
      await eventually('it runs', fails)
    })
    expect(verdict).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    expect(verdict.reason).toMatch(/^drill: nothing showed it\nit runs: not within/)
  })

  it('concludes nothing where the host may have been what was late', async () => {
    cluster.host.slow = 'the host stood still for 5.0 s'
    cluster.host.kept = 0.9
    const verdict = await verdictOf(async ({ eventually }) => void (await eventually('it runs', fails)))
    expect(verdict).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    expect(verdict.reason).toMatch(/^the host stood still for 5\.0 s; it was [^\n]*\nit runs: not within/)
    const told = cluster.journal.records().find(({ source }) => source === 'host')
    expect(told).toMatchObject({ kind: 'slow', data: expect.anything() })
  })

  it('blames a cluster that does not come to it in a time of its own either', async () => {
    cluster.host.slow = 'the host stood still for 5.0 s'
    cluster.host.kept = 0.3
    const verdict = await verdictOf(async ({ eventually }) => void (await eventually('it runs', fails)))
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck })
  })

  it('conforms on a slow host where all was in time nevertheless', async () => {
    cluster.host.slow = 'the host stood still for 5.0 s'
    expect((await verdictOf(async ({ eventually }) => void (await eventually('it runs', holds)))).outcome).toBe(
      'conforms',
    )
  })

  it('holds a stretch of time to its budget, and tells how much of that it used', async () => {
    const lapse = { since: 10_000, ms: 900 }
    const inTime = await verdictOf(async ({ lasted }) => lasted('no gap', [lapse], within, () => stuck))
    expect(inTime).toMatchObject({ outcome: 'conforms', expectations: [{ withinMs: 1_000, tookMs: 900 }, {}] })
    const late = await verdictOf(async ({ lasted }) => lasted('no gap', [{ ...lapse, ms: 1_001 }], within, () => stuck))
    expect(late).toMatchObject({ outcome: 'violates', diagnosis: stuck, expectations: [{ tookMs: null }] })
    expect(late.reason).toMatch(/^no gap: it lasted 1\.001 s\n {2}budget: .*limit 1 s.*\n {2}it does not come back$/)
  })

  it('excuses a stretch of time by what others had of it', async () => {
    cluster.host.kept = 0.5
    const lasting = (ms: number) =>
      verdictOf(async ({ lasted }) => lasted('no gap', [{ since: 10_000, ms }], within, () => stuck))
    expect(await lasting(1_999)).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    expect(await lasting(2_001)).toMatchObject({ outcome: 'violates', diagnosis: stuck })
  })

  it('excuses the longest stretch, and not a shorter one that others had nothing of', async () => {
    cluster.host.keptMs = (since, until) => (since < 5_000 ? until - since : 0)
    const told = vi.fn<(lapse: Lapse) => Diagnosis>(() => stuck)
    const lapses = [
      { since: 0, ms: 4_000 },
      { since: 6_000, ms: 1_200 },
      { since: 8_000, ms: 1_500 },
    ]
    const verdict = await verdictOf(async ({ lasted }) => lasted('no gap', lapses, within, told))
    expect(verdict).toMatchObject({ outcome: 'violates', expectations: [{ tookMs: null, since: 8_000 }] })
    expect(told.mock.calls).toEqual([[lapses[2]]])
    const excused = await verdictOf(async ({ lasted }) => lasted('no gap', lapses.slice(0, 1), within, told))
    expect(excused).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
  })

  it('excuses facts that time is part of on a slow host, and none that no host is too slow for', async () => {
    cluster.host.slow = 'the host stood still for 5.0 s'
    const late = await verdictOf(async ({ verify }) => verify('it was in time', false, () => stuck))
    expect(late).toMatchObject({ outcome: 'inconclusive', diagnosis: null })
    const wrong = await verdictOf(async ({ require }) => require('it has its name', false, () => stuck))
    expect(wrong).toMatchObject({ outcome: 'violates', diagnosis: stuck, expectations: [{ tookMs: null }] })
    expect(wrong.reason).toBe('it has its name: it does not hold\n  it does not come back')
  })

  it('asks the host about the time in which facts came about', async () => {
    const during = { since: 4_000, ms: 2_000 }
    const asked = vi.spyOn(cluster.host, 'slowness')
    const late = await verdictOf(async ({ verify }) => verify('none was disturbed', false, () => stuck, during))
    expect(late).toMatchObject({ outcome: 'violates', expectations: [{ since: 4_000 }] })
    expect(asked).toHaveBeenCalledWith(4_000, 6_000)
  })

  it('has among its expectations what never came true', async () => {
    const verdict = await verdictOf(async ({ never }) => {
      const probe = () => Promise.resolve(false)
      await never('it is disturbed', { probe, until: Boolean, while: Promise.resolve() })
    })
    expect(verdict.expectations[0]).toMatchObject({ name: 'it is disturbed', budget: 'never', tookMs: 0 })
  })

  it('concludes nothing of a cluster that was ill before, and does not strike it', async () => {
    cluster.api.answers.set('/api/v1/nodes', { items: [] })
    const body = vi.fn<ScenarioBody>()
    const verdict = await verdictOf(body)
    expect(verdict).toMatchObject({
      outcome: 'inconclusive',
      reason: expect.stringContaining('the cluster is healthy before the fault: not within'),
    })
    expect(body).not.toHaveBeenCalled()
  })

  it('violates where the cluster is ill after the fault, and says how and why', async () => {
    const verdict = await verdictOf(() => {
      cluster.api.answers.set('/api/v1/nodes', { items: [] })
      return Promise.resolve()
    })
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: { code: 'recovery.unexplained' } })
    expect(verdict.reason).toMatch(
      /^the cluster is healthy after the fault: not within 30 s\n {2}budget: .*settling 30 s/,
    )
    expect(verdict.reason).toContain('machine fake-control-plane is no Node; machine fake-worker is no Node')
    expect(verdict.expectations).toMatchObject([{ name: 'the cluster is healthy after the fault', tookMs: null }])
    expect(verdict.expectations[0]?.budget).toContain('harness: between two scenarios')
  })

  it('says of the health before and after the fault what was seen', async () => {
    await verdictOf(() => Promise.resolve())
    const seen = cluster.journal.records().filter(({ kind, subject }) => kind === 'observed' && /healthy/.test(subject))
    expect(seen.map(({ data }) => JSON.stringify(data))).toEqual([
      expect.stringContaining('"healthy"'),
      expect.stringContaining('"healthy"'),
    ])
    const other = fakeCluster(() => time.now)
    await using _ = other
    other.api.answers.set('/api/v1/nodes', { items: [] })
    const { reason } = await judge('s.x', {}, () => Promise.resolve(), other, other.out)
    expect(reason).toContain('machine fake-control-plane is no Node; machine fake-worker is no Node')
  })

  it('violates also where the cause cannot be looked for', async () => {
    const verdict = await verdictOf(async ({ eventually }) => {
      const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler'
      cluster.api.answers.set(lease, new TypeError('x is not a function'))
      await eventually('it runs', { ...holds, until: () => false })
    })
    expect(verdict).toMatchObject({
      outcome: 'violates',
      diagnosis: {
        code: 'recovery.unexplained',
        summary: expect.stringMatching(/^the cause could not be looked for: .*x is not a function/),
      },
    })
  })

  it('has among its evidence a wait that failed within a fault or a remedy', async () => {
    const result = { name: 'it is down', budget: '1 s', withinMs: 1_000, tookMs: null, since: 10_000 }
    const verdict = await verdictOf(() => Promise.reject(new ExpectationFailed('it is down', result, 11_000, stuck)))
    expect(verdict).toMatchObject({ outcome: 'violates', diagnosis: stuck, expectations: [result] })
  })

  it('keeps a bundle of what it concludes nothing from', async () => {
    const verdict = await verdictOf(() => Promise.reject(new NoEvidence('nothing moved')))
    expect(existsSync(path.join(cluster.out, verdict.bundle ?? 'none', 'nodes.json'))).toBe(true)
  })

  it('says of a fact that it had to hold at once', async () => {
    const verdict = await verdictOf(async ({ verify }) => verify('nothing is lost', true, () => stuck))
    expect(verdict.expectations[0]).toMatchObject({ budget: 'at once', withinMs: 0, tookMs: 0 })
  })

  it('leaves the cluster’s health to a scenario that judges it itself', async () => {
    cluster.api.answers.set('/api/v1/nodes', { items: [] })
    const verdict = await verdictOf(async ({ require }) => require('it has its name', true, () => stuck), {
      ownHealth: true,
    })
    expect(verdict.outcome).toBe('conforms')
    expect(verdict.expectations.map(({ name }) => name)).toEqual(['it has its name'])
  })

  it('concludes nothing where what a fault presupposes does not hold, and blames nobody', async () => {
    const verdict = await verdictOf(async ({ given, eventually }) => {
      expect(await given('it serves', { ...holds, within })).toBe('up')
      await given('it is complete', { probe: holds.probe, until: () => false, within })
      await eventually('it runs', fails)
    })
    expect(verdict).toMatchObject({ outcome: 'inconclusive', diagnosis: null, expectations: [] })
    expect(verdict.reason).toMatch(/this did not hold before it: it is complete: not within 1 s[^]*"up"/)
  })

  it.each([
    ['a fault left no evidence', new NoEvidence('nothing moved')],
    ['the harness itself fails', new TypeError('x is not a function')],
  ])('concludes nothing where %s', async (_, error) => {
    expect(await verdictOf(() => Promise.reject(error))).toMatchObject({
      outcome: 'inconclusive',
      reason: error.message,
      diagnosis: null,
    })
  })

  it('skips what the cluster cannot do, and says what is missing', async () => {
    await using other = fakeCluster(() => time.now, ['reboot'])
    const body = vi.fn<ScenarioBody>()
    const verdict = await judge('s.x', { requires: ['reboot', 'power'] }, body, other, other.out)
    expect(verdict).toMatchObject({ outcome: 'skipped', reason: 'fake has no capability power', bundle: null })
    expect(body).not.toHaveBeenCalled()
    expect(await verdictOf(() => Promise.reject(new MissingCapability('no')))).toMatchObject({
      outcome: 'skipped',
      reason: 'no',
    })
  })

  it('has the faults of this scenario, and none of the one before', async () => {
    const fault = {
      name: 'drill',
      node: 'fake-worker',
      available: () => true as const,
      inject: () => Promise.resolve({ evidence: null, heal: () => Promise.resolve() }),
    }
    await inject(cluster, fault)
    time.now += 1_000
    const verdict = await verdictOf(async () => {
      await using injected = await inject(cluster, fault)
      time.now = injected.injectedAt + 5
    })
    expect(verdict.faults).toEqual([{ name: 'drill', node: 'fake-worker', injectedAt: 11_000, healedAt: 11_005 }])
  })

  it('keeps what the scenario declares of this cluster', async () => {
    const expected = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
    expect((await verdictOf(() => Promise.resolve(), { expected })).expected).toEqual(expected)
  })

  it('writes in the journal what it began, observed and found', async () => {
    await verdictOf(async ({ eventually }) => void (await eventually('it runs', fails)))
    const said = cluster.journal.records().map(({ source, kind, subject }) => `${source} ${kind} ${subject}`)
    expect(said).toEqual([
      'scenario started s.x',
      'probe waiting the cluster is healthy before the fault',
      'probe observed the cluster is healthy before the fault',
      'probe met the cluster is healthy before the fault',
      'expectation waiting it runs',
      'probe observed it runs',
      'expectation missed it runs',
      'scenario ended s.x',
    ])
  })
})

describe('verdictWithoutCluster', () => {
  it.each(['inconclusive', 'skipped'] as const)('is %s, and says why there is no cluster', (outcome) => {
    const verdict = verdictWithoutCluster('s.x', {}, cluster.definition, { outcome, reason: 'no engine answers' })
    expect(verdictSchema.parse(verdict)).toEqual(verdict)
    expect(verdict).toMatchObject({ outcome, reason: 'no engine answers', distribution: { kubernetes: '1.34' } })
    expect(verdict).toMatchObject({ journal: '', bundle: null, distribution: { version: '' } })
  })
})
