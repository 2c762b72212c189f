import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, lease } from '../fake-cluster.ts'
import { fakeElectorate, fakePod, withPods } from '../fake-electorate.ts'
import { KubeApiError } from '../kube/api.ts'
import { lockHolder } from './lock.ts'

const path = '/apis/coordination.k8s.io/v1/namespaces/ns/leases/x-lock'
let cluster: FakeCluster

beforeEach(() => {
  cluster = fakeCluster(() => 0)
  withPods(cluster.api, fakePod('x-1'), fakePod('x-2'))
})
afterEach(() => cluster[Symbol.asyncDispose]())

describe('the holder of a lock', () => {
  it('is the pod that its identity stands for', async () => {
    cluster.api.answers.set(path, lease(1_000, 'x-2'))
    expect(await lockHolder(cluster, fakeElectorate)).toMatchObject({
      identity: 'x-2',
      pod: { metadata: { name: 'x-2' } },
      lease: { transitions: 1 },
    })
  })

  it('may be one that is there no more, until its term is over', async () => {
    cluster.api.answers.set(path, lease(1_000, 'x-0'))
    expect(await lockHolder(cluster, fakeElectorate)).toMatchObject({ identity: 'x-0', pod: null })
    cluster.api.answers.set(path, lease(16_000, 'x-0'))
    expect(await lockHolder(cluster, fakeElectorate)).toBeNull()
  })

  it.each<[string, unknown]>([
    ['there is no lock yet', undefined],
    ['it was created beforehand', {}],
    ['it was released', lease(1_000, '')],
  ])('is nobody where %s', async (_, answer) => {
    cluster.api.answers.set(path, answer)
    expect(await lockHolder(cluster, fakeElectorate)).toBeNull()
  })

  it('is nobody where nobody is elected, and nobody is asked', async () => {
    cluster.api.answers.set(path, new Error('asked'))
    expect(await lockHolder(cluster, { ...fakeElectorate, lock: null })).toBeNull()
  })

  it('is not known where the API does not say', async () => {
    cluster.api.answers.set(path, new KubeApiError('forbidden', 403))
    await expect(lockHolder(cluster, fakeElectorate)).rejects.toThrow('forbidden')
  })
})
