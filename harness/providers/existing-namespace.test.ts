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
/** What was made and deleted, in this order. */
let done: string[]

beforeEach(() => {
  time.now = 0
  cluster = fakeCluster(() => time.now)
  done = []
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (url) => {
    done.push(`delete ${url}`)
    cluster.api.answers.delete(url)
  })
  vi.spyOn(cluster.api, 'create').mockImplementation(async (url, object) => {
    done.push(`create ${JSON.stringify(object)}`)
    cluster.api.answers.set(`${url}/clusterproof`, there)
  })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const claim = () => claimNamespace(cluster, { id: 'abcd1234' })
const made = expect.stringMatching(/^create .*"name":"clusterproof","labels":\{"clusterproof\.run":"abcd1234"\}/)
const deleted = `delete ${path}`
const left = () => cluster.journal.records().filter(({ kind }) => kind === 'left')

describe('claimNamespace', () => {
  it('makes it, and removes it', async () => {
    const remove = await claim()
    expect(done).toEqual([made])
    await remove()
    expect(done).toEqual([made, deleted])
    expect(left()).toEqual([])
  })

  it('has nothing to remove where somebody else did', async () => {
    const remove = await claim()
    cluster.api.answers.delete(path)
    await remove()
    expect(done).toEqual([made])
  })

  it('leaves alone what is somebody else’s', async () => {
    cluster.api.answers.set(path, there)
    await (
      await claim()
    )()
    expect(done).toEqual([])
  })

  it('replaces what another run has left', async () => {
    cluster.api.answers.set(path, {
      metadata: { ...metadata('clusterproof'), labels: { 'clusterproof.run': 'dead0000' } },
    })
    const remove = await claim()
    expect(done).toEqual([deleted, made])
    await remove()
    expect(done).toEqual([deleted, made, deleted])
  })

  it('waits for what another run removes', async () => {
    cluster.api.answers.set(path, leaving)
    const get = vi.spyOn(cluster.api, 'get')
    get.mockResolvedValueOnce(leaving).mockResolvedValueOnce(leaving)
    get.mockRejectedValueOnce(new KubeApiError('404', 404))
    await claim()
    expect(get).toHaveBeenCalledTimes(3)
    expect(done).toEqual([made])
  })

  it('is an error where that does not go', async () => {
    cluster.api.answers.set(path, leaving)
    await expect(claim()).rejects.toThrow(
      expect.objectContaining({
        name: 'UserError',
        message: 'fake: the namespace clusterproof is being deleted and does not go',
        hint: expect.stringContaining('kubectl get namespace clusterproof'),
      }),
    )
    expect(done).toEqual([])
  })

  it('is an error where nobody may make it', async () => {
    vi.mocked(cluster.api.create).mockRejectedValue(new KubeApiError('POST /api/v1/namespaces: 403 forbidden', 403))
    await expect(claim()).rejects.toThrow('POST /api/v1/namespaces: 403 forbidden')
  })

  it.each([
    ['it does not go', () => cluster.api.answers.set(path, leaving), 'fake has no namespace clusterproof: not within'],
    [
      'the API is gone',
      () => cluster.api.answers.set(path, new KubeApiError('GET: connect ECONNREFUSED', 0)),
      'ECONNREFUSED',
    ],
  ])('says that it is left, and goes on, where %s', async (_, happens, why) => {
    const remove = await claim()
    vi.mocked(cluster.api.delete).mockResolvedValue()
    happens()
    await remove()
    expect(left()).toMatchObject([{ subject: 'namespace/clusterproof', data: expect.stringContaining(why) }])
  })
})
