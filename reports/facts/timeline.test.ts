import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type JournalRecord, journalSources } from '../../harness/journal.ts'
import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { commonPrefix, foldTimeline, type TimelineFacts } from './timeline.ts'

const startedAt = 10_000

type Line = readonly [t: number, source: JournalRecord['source'], kind: string, subject: string, data?: unknown]

/** Folds records; their times are milliseconds since the scenario's start. */
function fold(lines: readonly Line[], endedAt = 60_000, verdict = sampleVerdict()): TimelineFacts {
  const folding = foldTimeline({ name: 'recovery.power-cut', startedAt })
  for (const [t, source, kind, subject, data] of lines) {
    folding.take({ t: startedAt + t, at: '', source, kind, subject, data })
  }
  return folding.end({ endedAt: startedAt + endedAt, verdict })
}

function pod(changes: object = {}): object {
  const facts = { uid: 'u1', node: 'k-worker', phase: 'Running', reason: null, ready: true, deleting: false }
  return { ...facts, owner: 'DaemonSet/kube-proxy', ...changes }
}

const texts = (bars: readonly { from: number; to: number; label: string }[] | undefined) =>
  bars?.map(({ from, to, label }) => `${from}-${to} ${label}`)

describe('foldTimeline', () => {
  it('tells of a machine what the engine and the API say, and where they differ', () => {
    const { nodes, prefix } = fold([
      [-9_000, 'engine', 'start', 'node/k-worker'],
      [-8_000, 'api-watch', 'MODIFIED', 'node/k-worker', { ready: true, reason: 'KubeletReady' }],
      [-8_000, 'engine', 'start', 'node/k-etcd-1'],
      [5_000, 'engine', 'die', 'node/k-worker'],
      [45_000, 'api-watch', 'MODIFIED', 'node/k-worker', { ready: false, reason: 'NodeStatusUnknown' }],
      [50_000, 'engine', 'start', 'node/k-worker'],
      [51_000, 'api-watch', 'MODIFIED', 'node/k-worker', { ready: false, reason: 'KubeletNotReady' }],
      [55_000, 'api-watch', 'MODIFIED', 'node/k-worker', { ready: true, reason: 'KubeletReady' }],
    ])

    expect(prefix).toBe('k-')
    expect(nodes.map(({ name }) => name)).toEqual(['k-etcd-1', 'k-worker'])
    expect(texts(nodes[0]?.bars)).toEqual(['0-60000 runs'])
    expect(texts(nodes[1]?.bars)).toEqual([
      '0-5000 Ready',
      '5000-45000 off, still “Ready”',
      '45000-50000 off, NotReady',
      '50000-55000 boots',
      '55000-60000 Ready',
    ])
  })

  it('puts the pods that a DaemonSet has on a node one after the other into one lane', () => {
    const { pods } = fold([
      [-1, 'api-watch', 'ADDED', 'pod/kube-system/kube-proxy-a', pod()],
      [
        1_000,
        'api-watch',
        'MODIFIED',
        'pod/kube-system/kube-proxy-a',
        pod({ ready: false, phase: 'Failed', reason: 'Terminated' }),
      ],
      [
        2_000,
        'api-watch',
        'ADDED',
        'pod/kube-system/kube-proxy-b',
        pod({ uid: 'u2', node: null, ready: false, phase: 'Pending' }),
      ],
      [
        3_000,
        'api-watch',
        'DELETED',
        'pod/kube-system/kube-proxy-a',
        pod({ ready: false, phase: 'Failed', deleting: true }),
      ],
      [
        4_000,
        'api-watch',
        'MODIFIED',
        'pod/kube-system/kube-proxy-b',
        pod({ uid: 'u2', ready: false, phase: 'Pending' }),
      ],
      [5_000, 'api-watch', 'MODIFIED', 'pod/kube-system/kube-proxy-b', pod({ uid: 'u2' })],
      // The one that was replaced says no more.
      [6_000, 'api-watch', 'MODIFIED', 'pod/kube-system/kube-proxy-a', pod({ ready: false, phase: 'Failed' })],
    ])

    expect(pods).toHaveLength(1)
    expect(pods[0]).toMatchObject({ name: 'kube-system/kube-proxy', node: 'k-worker', pods: 2 })
    expect(texts(pods[0]?.bars)).toEqual([
      '0-1000 Ready',
      '1000-3000 Terminated',
      '3000-4000 Pending',
      '4000-5000 Pending',
      '5000-60000 Ready',
    ])
  })

  it('leaves out pods that were Ready all the time, and puts the most eventful first', () => {
    const { pods } = fold([
      [-1, 'api-watch', 'ADDED', 'pod/a/quiet', pod({ owner: 'ReplicaSet/quiet', uid: 'q' })],
      [-1, 'api-watch', 'ADDED', 'pod/a/short', pod({ owner: 'ReplicaSet/short', uid: 's', ready: false })],
      [500, 'api-watch', 'MODIFIED', 'pod/a/short', pod({ owner: 'ReplicaSet/short', uid: 's' })],
      [-1, 'api-watch', 'ADDED', 'pod/a/long', pod({ owner: null, uid: 'l', ready: false })],
    ])

    expect(pods.map(({ name }) => name)).toEqual(['a/long', 'a/short'])
  })

  it('shows an election whose holder changed, without the random part of its name', () => {
    const { holders } = fold([
      [-1, 'api-watch', 'ADDED', 'lease/kube-system/quiet', { holder: 'cp_1' }],
      [
        -1,
        'api-watch',
        'ADDED',
        'lease/kube-system/kube-scheduler',
        { holder: 'cp_0c8d4f7e-9f5b-4d0a-8f0e-111111111111' },
      ],
      [5_000, 'api-watch', 'MODIFIED', 'lease/kube-system/kube-scheduler', { holder: '' }],
      [1_000, 'etcd', 'leader', 'etcd/k', { id: 'a', name: 'k-etcd-1', term: 2 }],
      [2_000, 'etcd', 'leader', 'etcd/k', { id: null, name: null, term: 3 }],
    ])

    expect(holders.map(({ name, bars }) => [name, texts(bars)])).toEqual([
      ['etcd leader', ['1000-2000 k-etcd-1', '2000-60000 nobody']],
      ['lease kube-system/kube-scheduler', ['0-5000 cp', '5000-60000 nobody']],
    ])
  })

  it('has faults from when they were asked for until they were over, and those that pass by themselves as moments', () => {
    const { windows } = fold([
      [-5_000, 'fault', 'injecting', 'node/k-worker', { fault: 'kill kubelet' }],
      [1_000, 'fault', 'injecting', 'node/k-worker', { fault: 'power-cut' }],
      [2_000, 'fault', 'struck', 'node/k-worker', { fault: 'power-cut' }],
      [3_000, 'fault', 'injecting', 'node/k-cp', { fault: 'kill spegel' }],
      [4_000, 'fault', 'struck', 'node/k-cp', { fault: 'kill spegel' }],
      [5_000, 'fault', 'healed', 'node/k-worker', { fault: 'power-cut' }],
      [6_000, 'fault', 'injecting', 'node/k-cp', { fault: 'partition' }],
      [7_000, 'cluster', 'joining', 'node/k-new'],
      [9_000, 'cluster', 'joined', 'node/k-new'],
    ])

    expect(
      windows.map(({ name, target, from, struck, to, healed }) => [name, target, from, struck, to, healed]),
    ).toEqual([
      ['power-cut', 'k-worker', 1_000, 2_000, 5_000, 5_000],
      ['kill spegel', 'k-cp', 3_000, 4_000, 4_000, null],
      ['partition', 'k-cp', 6_000, null, 60_000, null],
      ['joins', 'k-new', 7_000, 7_000, 9_000, 9_000],
    ])
  })

  it('has what was expected with its budget, cut at the end, and what only the verdict knows', () => {
    const within = { budget: '1 min', withinMs: 60_000 }
    const ready = { name: 'Ready', ...within, tookMs: 10_000, since: startedAt + 20_000 }
    const fast = { name: 'fast', budget: '5 s', withinMs: 5_000, tookMs: null, since: startedAt + 1_000 }
    const fact = { name: 'a fact', budget: 'at once', withinMs: 0, tookMs: 0, since: startedAt }
    const own = { name: 'its own wait', ...within, tookMs: null, since: startedAt + 30_000 }
    const { expectations } = fold(
      [
        [20_000, 'expectation', 'waiting', 'Ready', ready],
        [30_000, 'expectation', 'met', 'Ready', ready],
        [6_100, 'expectation', 'missed', 'fast', fast],
        [40_000, 'expectation', 'met', 'a fact', fact],
        [
          50_000,
          'expectation',
          'waiting',
          'killed in it',
          { name: 'killed in it', ...within, since: startedAt + 50_000 },
        ],
      ],
      60_000,
      sampleVerdict({ expectations: [ready, own] }),
    )

    expect(
      expectations.map(({ name, outcome, from, to, budgetTo, goesOn }) => [name, outcome, from, to, budgetTo, goesOn]),
    ).toEqual([
      ['fast', 'missed', 1_000, 6_000, 6_000, false],
      ['Ready', 'met', 20_000, 30_000, 60_000, true],
      ['its own wait', 'missed', 30_000, 60_000, 60_000, true],
      ['a fact', 'met', 40_000, 40_000, 40_000, false],
      ['killed in it', 'open', 50_000, 60_000, 60_000, true],
    ])
  })

  it('gathers what was not served into bursts', () => {
    const { troubles } = fold([
      [1_000, 'traffic', 'lost', 'http://a'],
      [2_000, 'traffic', 'lost', 'http://a'],
      [9_000, 'traffic', 'lost', 'http://a'],
    ])

    expect(troubles).toEqual([
      {
        name: 'requests lost',
        bursts: [
          { from: 1_000, to: 2_000, count: 2 },
          { from: 9_000, to: 9_000, count: 1 },
        ],
      },
    ])
  })

  it('says why a scenario violates, and that a killed run has no verdict', () => {
    expect(fold([], 1_000, sampleViolation()).because).toBe(
      'recovery.daemonset-backoff: kube-proxy waits 64 s on worker-1',
    )
    const killed = foldTimeline({ name: 'a', startedAt }).end({ endedAt: startedAt, verdict: null })
    expect(killed).toMatchObject({ outcome: null, because: 'the run ended before there was a verdict', durationMs: 0 })
  })

  it('keeps a bounded number of pods and of states, and says what it left out', () => {
    const many = Array.from({ length: 5_000 }, (_, index): Line => {
      const facts = pod({ owner: 'ReplicaSet/web', uid: `u${index}`, ready: false })
      return [index, 'api-watch', 'ADDED', `pod/default/web-${index}`, facts]
    })
    const flapping = Array.from({ length: 5_000 }, (_, index): Line => {
      return [
        index * 10,
        'api-watch',
        'MODIFIED',
        'pod/a/flaps',
        pod({ owner: null, uid: 'f', ready: index % 2 === 0 }),
      ]
    })
    const { pods, leftOut } = fold([...many, ...flapping])

    expect(pods.length).toBeLessThanOrEqual(60)
    expect(pods[0]?.name).toBe('a/flaps')
    expect(pods[0]?.bars.length).toBeLessThanOrEqual(241)
    expect(leftOut).toEqual([expect.stringMatching(/^\d+ pods$/)])
  })

  it('takes any record, and its bars neither overlap nor leave the scenario', () => {
    const data = fc.oneof(
      fc.jsonValue(),
      fc.record({ ready: fc.boolean(), reason: fc.option(fc.string()) }),
      fc.record({
        uid: fc.constantFrom('u1', 'u2', 'u3'),
        node: fc.option(fc.constantFrom('k-a', 'k-b')),
        phase: fc.constantFrom('Pending', 'Running', 'Failed', 'Succeeded', 'Odd'),
        ready: fc.boolean(),
        deleting: fc.boolean(),
        owner: fc.option(fc.constantFrom('DaemonSet/x', 'ReplicaSet/y')),
      }),
      fc.record({ fault: fc.constantFrom('reboot', 'kill'), holder: fc.string(), name: fc.string(), id: fc.string() }),
      fc.record({
        name: fc.constantFrom('x', 'y'),
        budget: fc.constantFrom('at once', 'never', '1 s'),
        withinMs: fc.double({ noNaN: true, min: 0, max: 1e6 }),
        tookMs: fc.option(fc.double({ noNaN: true, min: 0, max: 1e6 })),
        since: fc.double({ noNaN: true, min: 0, max: 1e6 }),
      }),
    )
    const kinds =
      'ADDED MODIFIED DELETED die start destroy injecting struck healed met missed waiting leader lost joining joined'
    const line: fc.Arbitrary<Line> = fc.tuple(
      fc.double({ noNaN: true, min: -startedAt, max: 1e5 }),
      fc.constantFrom(...journalSources),
      fc.constantFrom(...kinds.split(' ')),
      fc.oneof(fc.constantFrom('node/k-a', 'pod/n/a', 'pod/n/b', 'lease/n/l', 'etcd/k', '*', '/'), fc.string()),
      data,
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 0, max: 90_000 }), (lines, duration) => {
        const facts = fold(lines, duration)
        for (const { bars } of [...facts.nodes, ...facts.pods, ...facts.holders]) {
          let last = 0
          for (const { from, to } of bars) {
            expect(from).toBeGreaterThanOrEqual(last)
            expect(to).toBeGreaterThan(from)
            last = to
          }
          expect(last).toBeLessThanOrEqual(duration)
        }
        const spans = [...facts.windows, ...facts.expectations, ...facts.troubles.flatMap(({ bursts }) => bursts)]
        for (const { from, to } of spans) {
          expect(from).toBeGreaterThanOrEqual(0)
          expect(to).toBeGreaterThanOrEqual(from)
          expect(to).toBeLessThanOrEqual(duration)
        }
      }),
    )
  })
})

describe('commonPrefix', () => {
  it('is what all names begin with, up to a hyphen', () => {
    expect(commonPrefix(['split-a1b2-c3d4-cp', 'split-a1b2-c3d4-worker-1', 'split-a1b2-c3d4-worker-2'])).toBe(
      'split-a1b2-c3d4-',
    )
    expect(commonPrefix(['lone-bw3m-8y61-cp'])).toBe('lone-bw3m-8y61-')
    expect(commonPrefix(['a-worker-1', 'a-worker-2'])).toBe('a-')
    expect(commonPrefix(['cp', 'worker'])).toBe('')
    expect(commonPrefix([])).toBe('')
  })
})
