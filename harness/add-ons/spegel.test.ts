import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode, metadata } from '../fake-cluster.ts'
import { fakePod } from '../fake-electorate.ts'
import { MissingCapability } from '../faults/fault.ts'
import { installChart } from '../helm.ts'
import { type SpegelVersion, subjects } from '../images/subjects.ts'
import type { Pod } from '../kube/types.ts'
import { run } from '../process.ts'
import { installSpegel } from './spegel.ts'

vi.mock('../helm.ts', { spy: true })

let cluster: FakeCluster
let done: string[]
const uninstall = vi.fn<() => Promise<void>>()
const registries = ['http://upstream.test']

beforeEach(() => {
  vi.resetAllMocks()
  cluster = fakeCluster(() => 0)
  done = []
  uninstall.mockImplementation(async () => void done.push('uninstall'))
  vi.mocked(installChart).mockResolvedValue({ [Symbol.asyncDispose]: uninstall })
  vi.spyOn(cluster.api, 'delete').mockImplementation(async (url) => void done.push(`delete ${url}`))
  cluster.api.answers.set('/api/v1/namespaces/spegel/pods', { items: [] })
})
afterEach(() => cluster[Symbol.asyncDispose]())

const values = () => vi.mocked(installChart).mock.lastCall?.[1].values

describe('installSpegel', () => {
  it.each<[SpegelVersion, object]>([
    ['v0.0.14', { registries }],
    ['v0.0.17', { registries }],
    ['v0.7.4', { mirroredRegistries: registries, mirrorResolveTimeout: '1s' }],
  ])('gives the chart of %s its own values', async (version, spegel) => {
    await using mirror = await installSpegel(cluster, version, { registries })
    expect(cluster.loaded).toEqual([subjects.spegel[version].image.name])
    expect(vi.mocked(installChart).mock.lastCall?.[1]).toMatchObject({
      release: 'spegel',
      chart: subjects.spegel[version].chart,
    })
    expect(values()).toEqual({ image: { tag: version }, spegel })
    expect(mirror).toMatchObject({ name: `spegel ${version}`, daemonSet: 'spegel', role: 'spegel', program: 'spegel' })
  })

  it('adds values that differ, also to those that it gives itself', async () => {
    const differing = { spegel: { containerdSock: '/run/x.sock' }, securityContext: { runAsUser: 1 } }
    await using _ = await installSpegel(cluster, 'v0.0.17', { registries, values: differing })
    expect(values()).toEqual({
      image: { tag: 'v0.0.17' },
      spegel: { registries, containerdSock: '/run/x.sock' },
      securityContext: { runAsUser: 1 },
    })
  })

  it.each<[SpegelVersion, boolean, string]>([
    ['v0.0.14', true, 'http://127.0.0.1:30020'],
    ['v0.0.17', true, 'http://172.18.0.3:30020'],
    ['v0.7.4', false, 'http://172.18.0.3:30020'],
  ])('%s elects: %s, and is asked at %s', async (version, elects, endpoint) => {
    await using mirror = await installSpegel(cluster, version, { registries })
    expect(mirror.lock !== null).toBe(elects)
    expect(mirror.servesAlone).toBe(elects)
    const addresses = [
      { type: 'Hostname', address: 'w' },
      { type: 'InternalIP', address: '172.18.0.3' },
    ]
    cluster.api.answers.set('/api/v1/nodes/w', { metadata: metadata('w'), status: { addresses } })
    expect(await mirror.endpoint?.(new FakeNode('w', ['worker']))).toBe(endpoint)
  })

  it('says so where a Node has no address', async () => {
    await using mirror = await installSpegel(cluster, 'v0.7.4', { registries })
    await expect(mirror.endpoint?.(cluster.nodes[1])).rejects.toThrow('the Node fake-worker has no InternalIP')
  })

  it('knows a holder by the address that its pod has, and by the whole of it', async () => {
    await using mirror = await installSpegel(cluster, 'v0.0.17', { registries })
    // What is read of a pod is there.
    const pods = [fakePod('a', { ip: '10.244.1.1' }), fakePod('b', { ip: '10.244.1.14' })] as unknown as Pod[]
    expect(mirror.podOf('/ip4/10.244.1.14/tcp/5001/p2p/12D3', pods)?.metadata.name).toBe('b')
    expect(mirror.podOf('/ip4/10.244.1.4/tcp/5001/p2p/12D3', pods)).toBeUndefined()
  })

  it('is removed with its lock, after its pods, and each machine gets back what it had', async () => {
    const mirror = await installSpegel(cluster, 'v0.0.17', { registries })
    await mirror[Symbol.asyncDispose]()
    expect(done).toEqual([
      'uninstall',
      'delete /apis/coordination.k8s.io/v1/namespaces/spegel/leases/spegel-leader-election',
      'delete /api/v1/namespaces/spegel/configmaps/spegel-leader-election',
    ])
    for (const node of cluster.nodes) expect(node.done.at(-1)).toMatch(/sh \/etc\/containerd\/certs\.d upstream\.test$/)
  })

  it('gives machines back what they had although something else of it does not go', async () => {
    const mirror = await installSpegel(cluster, 'v0.0.17', { registries })
    uninstall.mockRejectedValue(new Error('helm could not uninstall it'))
    await expect(mirror[Symbol.asyncDispose]()).rejects.toThrow('helm could not uninstall it')
    expect(done).toHaveLength(2)
    for (const node of cluster.nodes) expect(node.done).toHaveLength(1)
  })

  it('gives machines back what they had where it could not be installed', async () => {
    vi.mocked(installChart).mockRejectedValue(new Error('helm could not install it'))
    await expect(installSpegel(cluster, 'v0.0.17', { registries })).rejects.toThrow('helm could not install it')
    for (const node of cluster.nodes) expect(node.done).toHaveLength(1)
  })

  it('leaves a Spegel alone that is somebody else’s', async () => {
    Object.assign(cluster, { definition: { ...cluster.definition, provider: 'existing' } })
    await using _ = await installSpegel(cluster, 'v0.7.4', { registries })
    cluster.api.answers.set('/apis/apps/v1/namespaces/spegel/daemonsets/spegel', { metadata: metadata('spegel') })
    await expect(installSpegel(cluster, 'v0.7.4', { registries })).rejects.toThrow(
      new MissingCapability('fake has a DaemonSet spegel/spegel of its own'),
    )
    expect(installChart).toHaveBeenCalledOnce()
  })
})

describe('what a machine gets back', () => {
  let folder: string
  let command: readonly string[]

  /** The files below the folder, with what is in them. */
  const tree = () =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => path.join(parentPath, name))
        .map((file) => [path.relative(folder, file), readFileSync(file, 'utf8')]),
    )

  function write(files: Readonly<Record<string, string>>) {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
      writeFileSync(path.join(folder, file), content)
    }
  }

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'certs-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const [node] = cluster.nodes
    vi.spyOn(node, 'exec').mockImplementation(async (words) => {
      command = words
      return { stdout: '', stderr: '', exitCode: 0, durationMs: 0 }
    })
    await (await installSpegel(cluster, 'v0.7.4', { registries }))[Symbol.asyncDispose]()
  })

  /** The node's command, on a folder of this machine's; nothing of it is to touch another. */
  async function restored() {
    const [shell = '', flag = '', script = '', ...words] = command
    const here = script.replace('/var/lib/spegel', path.join(folder, 'state'))
    await run(shell, [flag, here, ...words.map((word) => (word === '/etc/containerd/certs.d' ? folder : word))])
    return tree()
  }

  it('is what stood there before Spegel, and nothing of its own', async () => {
    write({
      '_backup/docker.io/hosts.toml': "the owner's",
      '_backup/_default/hosts.toml': "the owner's default",
      'upstream.test/hosts.toml': "Spegel's",
    })
    expect(await restored()).toEqual({
      'docker.io/hosts.toml': "the owner's",
      '_default/hosts.toml': "the owner's default",
    })
  })

  it('is its own where Spegel never wrote there, without what is named after its registries', async () => {
    write({ 'docker.io/hosts.toml': "the owner's", 'upstream.test/hosts.toml': 'half-written' })
    expect(await restored()).toEqual({ 'docker.io/hosts.toml': "the owner's" })
  })

  it('is nothing where there was nothing', async () => {
    write({ '_backup/none': '' })
    rmSync(path.join(folder, '_backup/none'))
    write({ 'upstream.test/hosts.toml': "Spegel's" })
    expect(await restored()).toEqual({})
    expect(readdirSync(folder)).toEqual([])
  })
})
