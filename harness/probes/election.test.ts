import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { FakeNode, type FakeCluster, fakeCluster, lease } from '../fake-cluster.ts'
import { fakeElectorate, fakePod, type FakePodState, withPods } from '../fake-electorate.ts'
import { decided, describeElection, electionView } from './election.ts'

const path = '/apis/coordination.k8s.io/v1/namespaces/ns/leases/x-lock'
const unelected = { ...fakeElectorate, lock: null }
let cluster: FakeCluster

beforeEach(() => {
  cluster = fakeCluster(() => 0)
})
afterEach(() => cluster[Symbol.asyncDispose]())

function view(holder: string | null, ...states: readonly FakePodState[]) {
  withPods(cluster.api, ...states.map((state, index) => fakePod(`x-${index + 1}`, state)))
  if (holder !== null) cluster.api.answers.set(path, lease(1_000, holder))
  return electionView(cluster, fakeElectorate)
}

describe('an election is decided', () => {
  it.each<[string, string | null, FakePodState[], boolean]>([
    ['where all are Ready and one holds the lock', 'x-2', [{}, {}], true],
    ['not where nobody does', null, [{}, {}], false],
    ['not where a pod does that is gone', 'x-3', [{}, {}], false],
    ['not where one is not Ready', 'x-1', [{}, { ready: false }], false],
    ['not where a machine has none', 'x-1', [{}], false],
    ['whatever is on its way out', 'x-1', [{}, {}, { deleting: true }], true],
  ])('%s', async (_, holder, states, is) => {
    expect(decided(cluster, fakeElectorate, await view(holder, ...states))).toBe(is)
  })

  it('without a holder where nobody is elected, and machines of etcd alone have no say', async () => {
    const found = await view(null, {}, {})
    const nodes = [...cluster.nodes, new FakeNode('etcd', ['etcd'])]
    expect(decided({ nodes }, unelected, found)).toBe(true)
  })
})

describe('describeElection', () => {
  it('says who holds the lock, and how each is', async () => {
    const waiting = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s restarting' } }
    const found = await view('x-1', {}, { ready: false, restarts: 2, state: waiting })
    expect(describeElection(found)).toBe(
      'held by x-1; x-1 Ready, x-2 not Ready (2 restarts, back-off 10 s): CrashLoopBackOff back-off 10s restarting',
    )
  })

  it('says of a holder that it is gone, and that there are no pods', async () => {
    expect(describeElection(await view('x-9'))).toBe('held by x-9, which is gone; no pods')
    expect(describeElection({ holder: null, candidates: [] })).toBe('held by nobody; no pods')
  })
})
