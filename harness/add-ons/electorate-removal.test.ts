import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { ExpectationFailed } from '../eventually.ts'
import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { fakeElectorate, fakePod, withPods } from '../fake-electorate.ts'
import { lockPaths, removeElectorate } from './electorate-removal.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const locks = ['/apis/coordination.k8s.io/v1/namespaces/ns/leases/x-lock', '/api/v1/namespaces/ns/configmaps/x-lock']
let cluster: FakeCluster
let deleted: string[]

beforeEach(() => {
  time.now = 0
  cluster = fakeCluster(() => time.now)
  deleted = []
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (path) => void deleted.push(path))
})
afterEach(() => cluster[Symbol.asyncDispose]())

it('a lock has a path for each of its objects', () => {
  expect(lockPaths('ns', { name: 'x-lock', kinds: ['Lease', 'ConfigMap'] })).toEqual(locks)
  expect(lockPaths('ns', { name: 'x-lock', kinds: [] })).toEqual([])
})

describe('removeElectorate', () => {
  it('removes the lock once no pod is there that could take it again', async () => {
    const get = cluster.api.get.bind(cluster.api)
    let looks = 0
    vi.spyOn(cluster.api, 'get').mockImplementation((url) => {
      looks += 1
      withPods(cluster.api, ...(looks < 3 ? [fakePod('x-1', { deleting: true })] : []))
      expect(deleted).toEqual([])
      return get(url)
    })
    await removeElectorate(cluster, fakeElectorate)
    expect(looks).toBe(3)
    expect(deleted.toSorted()).toEqual(locks.toSorted())
  })

  it('removes no lock where nobody is elected', async () => {
    withPods(cluster.api)
    await removeElectorate(cluster, { ...fakeElectorate, lock: null })
    expect(deleted).toEqual([])
  })

  it('says which pods do not go', async () => {
    withPods(cluster.api, fakePod('x-1'))
    const attempt = removeElectorate(cluster, fakeElectorate)
    await expect(attempt).rejects.toThrow(ExpectationFailed)
    await expect(attempt).rejects.toThrow(/^the pods of x v1 are gone: not within 35 s/)
    expect(deleted).toEqual([])
  })
})
