import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { fakeElectorate, fakePod, withLogs, withPods } from '../fake-electorate.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import { candidateEvents, candidates, candidateState, electionFacts } from './candidates.ts'

let cluster: FakeCluster

beforeEach(() => {
  cluster = fakeCluster(() => 0)
})
afterEach(() => cluster[Symbol.asyncDispose]())

// The fake has what is read of a pod, and no more.
const stateOf = (is: Parameters<typeof fakePod>[1]) => candidateState(fakePod('x-1', is) as unknown as Pod, 'main')
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString()
const running = (seconds: number) => ({ running: { startedAt: at(seconds) } })
const ended = (seconds: number) => ({ terminated: { finishedAt: at(seconds) } })
const waiting = (reason: string, message?: string) => ({ waiting: { reason, message } })

describe('candidateState', () => {
  it('is that of the pod and of the container that takes part', () => {
    expect(stateOf({ node: 'w', ip: '10.0.0.1', restarts: 2, state: running(9), lastState: ended(7) })).toEqual({
      pod: 'x-1',
      uid: 'uid-x-1',
      labels: { app: 'x' },
      node: 'w',
      ip: '10.0.0.1',
      ready: true,
      restarts: 2,
      waiting: null,
      backoffMs: 2_000,
      startedAt: Date.parse(at(9)),
      endedAt: Date.parse(at(7)),
    })
  })

  it('of a pod that nobody has started has nothing of a container', () => {
    const bare = { metadata: metadata('x-2') } as Pod
    expect(candidateState(bare, 'main')).toMatchObject({ node: '', ip: '', ready: false, restarts: 0, startedAt: null })
  })

  it.each<[string, Parameters<typeof fakePod>[1], string | null, number | null]>([
    ['never ended', {}, null, null],
    [
      'waits',
      { state: waiting('CrashLoopBackOff', 'back-off 10s restarting x') },
      'CrashLoopBackOff back-off 10s restarting x',
      10_000,
    ],
    [
      'waits minutes',
      { state: waiting('CrashLoopBackOff', 'back-off 2m40s restarting') },
      'CrashLoopBackOff back-off 2m40s restarting',
      160_000,
    ],
    ['has no image', { state: waiting('ErrImagePull') }, 'ErrImagePull', null],
    [
      'waits for an init container that runs',
      { state: waiting('PodInitializing'), initStates: [running(1)] },
      null,
      null,
    ],
    [
      'waits for an init container that does not',
      { state: waiting('PodInitializing'), initStates: [waiting('CreateContainerError', 'no socket')] },
      'CreateContainerError no socket',
      null,
    ],
    ['ended after its last start', { state: running(5), lastState: ended(9) }, null, null],
  ])('of one that %s', (_, is, why, backoffMs) => {
    expect(stateOf(is)).toMatchObject({ waiting: why, backoffMs })
  })

  it('has the back-off that the kubelet says, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (seconds) => {
        // As Go's time.Duration writes it.
        const text = seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
        const message = `back-off ${text} restarting failed container=main`
        expect(stateOf({ state: waiting('CrashLoopBackOff', message) }).backoffMs).toBe(seconds * 1_000)
      }),
    )
  })
})

it('pods that are on their way out are no candidates', async () => {
  withPods(cluster.api, fakePod('x-1'), fakePod('x-2', { deleting: true }))
  expect((await candidates(cluster, fakeElectorate)).map(({ pod }) => pod)).toEqual(['x-1'])
})

describe('what a candidate says', () => {
  it('is of the run before and of this one, in this order', async () => {
    withLogs(cluster.api, {
      'x-1/previous': [[1_000, 'attempting to acquire leader lease ns/x']],
      'x-1': [[2_000, 'successfully acquired lease ns/x']],
    })
    expect(await candidateEvents(cluster, fakeElectorate, 'x-1')).toEqual([
      { at: 1_000, kind: 'acquiring' },
      { at: 2_000, kind: 'acquired' },
    ])
  })

  it('has the run that ends while it is read', async () => {
    const begun = [1_000, 'attempting to acquire leader lease ns/x'] as const
    withLogs(cluster.api, { 'x-1': [begun] })
    const { text } = cluster.api
    cluster.api.text = async (url) => {
      const said = await text(url)
      withLogs(cluster.api, {
        'x-1/previous': [begun, [2_000, 'failed to renew lease']],
        'x-1': [[3_000, 'attempting to acquire leader lease ns/x']],
      })
      return said
    }
    expect(await candidateEvents(cluster, fakeElectorate, 'x-1')).toEqual([
      { at: 1_000, kind: 'acquiring' },
      { at: 2_000, kind: 'lost' },
    ])
  })

  it('is nothing where there is no log', async () => {
    withLogs(cluster.api, { 'x-1': new KubeApiError('gone', 404) })
    expect(await candidateEvents(cluster, fakeElectorate, 'x-1')).toEqual([])
  })

  it.each([0, 403, 500, 502])('is not known where the API answers %i', async (status) => {
    withLogs(cluster.api, { 'x-1': new KubeApiError('no', status) })
    await expect(candidateEvents(cluster, fakeElectorate, 'x-1')).rejects.toThrow(KubeApiError)
  })
})

describe('electionFacts', () => {
  const refused = 'error retrieving resource lock ns/x: dial tcp 10.96.0.1:443: i/o timeout'

  beforeEach(() => {
    const { answers } = cluster.api
    answers.set('/apis/networking.k8s.io/v1/namespaces/ns/networkpolicies', { items: [{ metadata: metadata('deny') }] })
    answers.set('/api/v1/namespaces/default/services/kubernetes', {
      spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] },
    })
    answers.set('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      items: [{ addressType: 'IPv4', endpoints: [{ addresses: ['172.18.0.2'] }], ports: [{ port: 6443 }] }],
    })
    withPods(cluster.api, fakePod('x-1'), fakePod('x-2'), fakePod('x-3'))
  })

  it('have the last error of each candidate that has not had the lock since', async () => {
    withLogs(cluster.api, {
      'x-1': [[1_000, refused]],
      'x-2': [
        [1_000, refused],
        [2_000, 'successfully acquired lease ns/x'],
      ],
      // Its machine does not answer.
      'x-3': new KubeApiError('dial tcp: no route to host', 500),
    })
    const { candidates: found, policies, ...facts } = await electionFacts(cluster, fakeElectorate)
    expect(found.map(({ pod, lockError }) => [pod, lockError])).toEqual([
      ['x-1', 'dial tcp 10.96.0.1:443: i/o timeout'],
      ['x-2', null],
      ['x-3', null],
    ])
    expect(policies).toHaveLength(1)
    expect(facts).toEqual({
      subject: 'x v1',
      unread: ['x-3'],
      apiServers: [{ ip: '172.18.0.2', port: 6443, protocol: 'TCP' }],
      service: { ip: '10.96.0.1', port: 443 },
    })
  })

  it('are none where nobody could be heard', async () => {
    const silent = new KubeApiError('GET /log: no answer within 5000 ms', 0)
    withLogs(cluster.api, { 'x-1': silent, 'x-2': silent, 'x-3': silent })
    await expect(electionFacts(cluster, fakeElectorate)).rejects.toBe(silent)
  })
})
