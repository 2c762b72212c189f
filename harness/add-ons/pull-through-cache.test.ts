import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode } from '../fake-cluster.ts'
import { configureRegistry } from '../registry/hosts-config.ts'
import { Registry, startRegistry } from '../registry/registry.ts'
import { installPullThroughCache } from './pull-through-cache.ts'

vi.mock('../registry/registry.ts', { spy: true })
vi.mock('../registry/hosts-config.ts', { spy: true })

let cluster: FakeCluster
let upstream: Registry
let cache: Registry
const disposed = vi.fn<() => Promise<void>>()

beforeEach(() => {
  vi.resetAllMocks()
  cluster = fakeCluster(() => 0)
  const { journal } = cluster
  upstream = new Registry({ container: 'fake-upstream', host: 'upstream.test', address: '172.18.0.2', journal })
  cache = new Registry({ container: 'fake-cache', host: 'cache.test', address: '172.18.0.3', journal })
  cache[Symbol.asyncDispose] = disposed
  vi.mocked(startRegistry).mockResolvedValue(cache)
  vi.mocked(configureRegistry).mockResolvedValue()
})
afterEach(() => cluster[Symbol.asyncDispose]())

const configured = () =>
  vi.mocked(configureRegistry).mock.calls.map(([{ name }, host, options]) => [name, host, options?.mirrors])

describe('installPullThroughCache', () => {
  it('stands before the upstream on every machine with a kubelet, and is given to those that join', async () => {
    Object.assign(cluster, { nodes: [...cluster.nodes, new FakeNode('etcd', ['etcd'])] })
    const mirror = await installPullThroughCache(cluster, upstream)
    expect(startRegistry).toHaveBeenCalledExactlyOnceWith(cluster, { name: 'cache', proxyOf: 'upstream.test' })
    const mirrors = ['http://cache.test']
    expect(configured()).toEqual([
      ['fake-control-plane', 'upstream.test', mirrors],
      ['fake-worker', 'upstream.test', mirrors],
    ])
    const joined = new FakeNode('joined', ['worker'])
    await mirror.prepare(joined)
    expect(configured().at(-1)).toEqual(['joined', 'upstream.test', mirrors])
    expect(mirror).toMatchObject({ electorate: null, peerPort: null, servesAlone: true })
    expect(await mirror.endpoint?.(joined)).toBe('http://cache.test')
    expect(await mirror.announce(joined)).toBe(false)
  })

  it('goes from every machine that there is by then, and then itself', async () => {
    const mirror = await installPullThroughCache(cluster, upstream)
    vi.mocked(configureRegistry).mockClear()
    disposed.mockImplementation(async () => expect(configured()).toHaveLength(3))
    Object.assign(cluster, { nodes: [...cluster.nodes, new FakeNode('joined', ['worker'])] })
    await mirror[Symbol.asyncDispose]()
    expect(configured()).toEqual(
      ['fake-control-plane', 'fake-worker', 'joined'].map((name) => [name, 'upstream.test', undefined]),
    )
    expect(disposed).toHaveBeenCalledOnce()
  })

  it('leaves no registry behind where a machine does not answer, at its start or at its end', async () => {
    const off = new Error('fake-worker is off')
    vi.mocked(configureRegistry).mockImplementation(async ({ name }) => {
      if (name === 'fake-worker') throw off
    })
    await expect(installPullThroughCache(cluster, upstream)).rejects.toMatchObject({ suppressed: off })
    expect(disposed).toHaveBeenCalledOnce()

    vi.mocked(configureRegistry).mockResolvedValue()
    const mirror = await installPullThroughCache(cluster, upstream)
    vi.mocked(configureRegistry).mockRejectedValue(off)
    await expect(mirror[Symbol.asyncDispose]()).rejects.toBe(off)
    expect(disposed).toHaveBeenCalledTimes(2)
  })
})
