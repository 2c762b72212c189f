import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import { claimNamespace } from './existing-namespace.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const path = '/api/v1/namespaces/clusterproof'
const there = { metadata: metadata('clusterproof') }
const leaving = { metadata: { ...metadata('clusterproof'), deletionTimestamp: '2026-01-01T00:00:00Z' } }

let cluster: FakeCluster
let deleted: string[]

beforeEach(() => {
  time.now = 0
  cluster = fakeCluster(() => time.now)
  deleted = []
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (url) => {
    deleted.push(url)
    cluster.api.answers.delete(url)
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const left = () => cluster.journal.records().filter(({ kind }) => kind === 'left')

describe('claimNamespace', () => {
  it('removes what was made since', async () => {
    const remove = await claimNamespace(cluster)
    cluster.api.answers.set(path, there)
    await remove()
    expect(deleted).toEqual([path])
    expect(left()).toEqual([])
  })

  it('removes nothing where nothing was made', async () => {
    await (
      await claimNamespace(cluster)
    )()
    expect(deleted).toEqual([])
  })

  it('leaves alone what was there before', async () => {
    cluster.api.answers.set(path, there)
    await (
      await claimNamespace(cluster)
    )()
    expect(deleted).toEqual([])
  })

  it('waits for what another run removes', async () => {
    cluster.api.answers.set(path, leaving)
    const get = vi.spyOn(cluster.api, 'get')
    get.mockResolvedValueOnce(leaving).mockResolvedValueOnce(leaving)
    get.mockRejectedValueOnce(new KubeApiError('404', 404))
    const remove = await claimNamespace(cluster)
    expect(get).toHaveBeenCalledTimes(3)
    await remove()
    expect(deleted).toEqual([path])
  })

  it('is an error where that does not go', async () => {
    cluster.api.answers.set(path, leaving)
    await expect(claimNamespace(cluster)).rejects.toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: 'fake: the namespace clusterproof is being deleted and does not go',
        hint: expect.stringContaining('kubectl get namespace clusterproof'),
      }),
    )
  })

  it.each([
    ['it does not go', () => cluster.api.answers.set(path, leaving), 'fake has no namespace clusterproof: not within'],
    [
      'the API is gone',
      () => cluster.api.answers.set(path, new KubeApiError('GET: connect ECONNREFUSED', 0)),
      'ECONNREFUSED',
    ],
  ])('says that it is left, and goes on, where %s', async (_, happens, why) => {
    const remove = await claimNamespace(cluster)
    vi.mocked(cluster.api.delete).mockResolvedValue()
    happens()
    await remove()
    expect(left()).toMatchObject([{ subject: 'namespace/clusterproof', data: expect.stringContaining(why) }])
  })
})
