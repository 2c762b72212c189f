import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { FakeApi, metadata } from '../fake-cluster.ts'
import { HostMonitor } from '../host-monitor.ts'
import { Journal } from '../journal.ts'
import { KubeApiError } from '../kube/api.ts'
import { StubMachine } from '../nodes/stub-machine.ts'
import { newRun } from '../run.ts'
import { type ClusterDefinition, type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { attach, existingProvider } from './existing.ts'
import type { ProviderContext } from './provider.ts'

const time = vi.hoisted(() => ({ now: 0 }))
const watches = vi.hoisted((): AbortSignal[] => [])

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))
vi.mock('../kube/observe.ts', () => ({
  observeApi: (_api: unknown, _journal: unknown, signal: AbortSignal) => watches.push(signal),
}))

let context: ProviderContext
let api: FakeApi
let machines: Record<'cp' | 'worker', StubMachine>
let folder: string

beforeEach(() => {
  time.now = 0
  watches.length = 0
  folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-existing-'))
  const clock = { now: () => time.now, wall: (at: number) => new Date(Date.UTC(2026, 0, 1) + at) }
  const journal = new Journal(path.join(folder, 'journal.jsonl'), clock)
  const host = new HostMonitor(clock)
  context = { run: newRun({ out: folder }), journal, host }
  api = new FakeApi()
  for (const [url, answer] of Object.entries(sound)) api.answers.set(url, answer)
  vi.spyOn(api, 'create').mockImplementation(async (url, object) => {
    api.answers.set(`${url}/clusterproof`, object)
  })
  vi.spyOn(api, 'delete').mockImplementation(async (url) => void api.answers.delete(url))
  machines = { cp: new StubMachine(), worker: new StubMachine() }
  onTestFinished(() => {
    journal[Symbol.dispose]()
    host[Symbol.dispose]()
    for (const machine of Object.values(machines)) machine[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
})

const nodeInfo = { kubeletVersion: 'v1.34.4', osImage: 'Debian GNU/Linux 13' }
const sound = {
  '/readyz': 'ok',
  '/version': { gitVersion: 'v1.34.4' },
  '/api/v1/nodes': { items: ['cp', 'worker'].map((name) => ({ metadata: metadata(name), status: { nodeInfo } })) },
  '/api/v1/nodes/cp/proxy/configz': { kubeletconfig: { shutdownGracePeriod: '30s' } },
  '/api/v1/nodes/worker/proxy/configz': { kubeletconfig: { shutdownGracePeriod: '30s' } },
}

function define(changes: Partial<ClusterDefinitionInput> = {}): ClusterDefinition {
  return defineCluster({
    name: 'mine',
    provider: 'existing',
    kubeconfig: '/etc/admin.conf',
    nodes: [
      { name: 'cp', roles: ['control-plane'], command: [...machines.cp.docker], power: machines.cp.power },
      { name: 'worker', roles: ['worker'], command: [...machines.worker.ssh], power: machines.worker.power },
    ],
    ...changes,
  })
}

const kinds = () => context.journal.records().map(({ kind }) => kind)

describe('an existing cluster', () => {
  it('is what the kubeconfig and the commands lead to', async () => {
    await using cluster = await attach(define(), context, api)
    expect(cluster).toMatchObject({
      name: 'mine',
      distribution: { name: 'existing', version: 'v1.34.4', kubernetes: 'v1.34.4' },
      kubeconfig: '/etc/admin.conf',
      readyAfterMs: 0,
      constants: { nodeMonitorGracePeriodMs: 50_000, shutdownGracePeriodMs: 30_000 },
    })
    expect(cluster.nodes.map(({ name, roles }) => [name, roles])).toEqual([
      ['cp', ['control-plane']],
      ['worker', ['worker']],
    ])
    // The stubs run their commands on this machine: what is found on it differs.
    expect([...cluster.capabilities]).toEqual(expect.arrayContaining(['node-access', 'power', 'graceful-shutdown']))
    expect(cluster.boots).toEqual(
      new Map([
        ['cp', machines.cp.startedAt],
        ['worker', machines.worker.startedAt],
      ]),
    )
    await expect(cluster.join({ name: 'new', roles: ['worker'], after: [] })).rejects.toThrow('can neither join mine')
  })

  it('is waited for while it starts, and while it knows of nobody yet', async () => {
    vi.spyOn(api, 'text')
      .mockRejectedValueOnce(new KubeApiError('GET /readyz: connect ECONNREFUSED', 0))
      .mockRejectedValueOnce(new KubeApiError('GET /readyz: 403 forbidden', 403))
    await using cluster = await attach(define(), context, api)
    expect(cluster.name).toBe('mine')
  })

  it('is asked for a boot as soon as the API has news of a node', async () => {
    await using cluster = await attach(define(), context, api)
    machines.worker.boot()
    context.journal.append('api-watch', 'MODIFIED', 'node/worker')
    await vi.waitFor(() => expect(cluster.boots.get('worker')).toBe(machines.worker.startedAt))
  })

  it('can do nothing, and is judged by the API alone, without commands', async () => {
    const nodes: ClusterDefinitionInput['nodes'] = [
      { name: 'cp', roles: ['control-plane'] },
      { name: 'worker', roles: ['worker'] },
    ]
    await using cluster = await attach(define({ nodes }), context, api)
    expect([...cluster.capabilities]).toEqual([])
    expect(cluster.boots).toEqual(
      new Map([
        ['cp', 0],
        ['worker', 0],
      ]),
    )
    await expect(cluster.nodes[1]?.exec(['true'])).rejects.toThrow('nothing runs commands on worker')
  })

  it('is left as it was found', async () => {
    const closed = vi.spyOn(api, Symbol.dispose)
    const cluster = await attach(define(), context, api)
    expect(api.answers.has('/api/v1/namespaces/clusterproof')).toBe(true)
    expect(watches.map(({ aborted }) => aborted)).toEqual([false])
    await cluster[Symbol.asyncDispose]()
    expect(api.answers.has('/api/v1/namespaces/clusterproof')).toBe(false)
    expect(watches.map(({ aborted }) => aborted)).toEqual([true])
    expect(closed).toHaveBeenCalledOnce()
    expect([machines.cp.on, machines.worker.on]).toEqual([true, true])
  })
})

describe('what is no such cluster', () => {
  /** The error of attaching; whatever it is, nothing of the attempt is left. */
  async function refusal(definition: ClusterDefinition): Promise<unknown> {
    const closed = vi.spyOn(api, Symbol.dispose)
    const error = await attach(definition, context, api).catch((reason: unknown) => reason)
    expect(closed).toHaveBeenCalledOnce()
    expect(watches.every(({ aborted }) => aborted)).toBe(true)
    expect(kinds()).not.toContain('attached')
    expect(api.answers.has('/api/v1/namespaces/clusterproof')).toBe(false)
    return error
  }

  it('names the server that does not answer, and why', async () => {
    const file = path.join(folder, 'kubeconfig')
    const contexts = [{ name: 'x', context: { cluster: 'x', user: 'x' } }]
    const clusters = [{ name: 'x', cluster: { server: 'https://127.0.0.1:1' } }]
    const kubeconfig = { 'current-context': 'x', contexts, clusters, users: [{ name: 'x', user: {} }] }
    writeFileSync(file, JSON.stringify(kubeconfig))
    await expect(existingProvider.start(define({ kubeconfig: file }), context)).rejects.toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 3,
        message:
          'mine: the API server https://127.0.0.1:1/ does not answer: GET /readyz: connect ECONNREFUSED 127.0.0.1:1',
        hint: expect.stringContaining(`kubectl --kubeconfig ${file} get --raw /readyz must say ok`),
      }),
    )
  })

  it('names a server that is not ready', async () => {
    api.answers.set('/readyz', new KubeApiError('GET /readyz: 500 [-]etcd failed', 500))
    expect(await refusal(define())).toMatchObject({ message: expect.stringMatching(/does not answer: .*etcd failed$/) })
  })

  it('says that the user may not look', async () => {
    api.answers.set('/api/v1/nodes', new KubeApiError('GET /api/v1/nodes: 401 Unauthorized', 401))
    expect(await refusal(define())).toMatchObject({
      name: 'UserError',
      message: 'mine: nowhere refuses the user of the kubeconfig /etc/admin.conf: GET /api/v1/nodes: 401 Unauthorized',
      hint: expect.stringContaining('administrator'),
    })
  })

  it('names the version and the nodes that it has instead', async () => {
    expect(await refusal(define({ kubernetes: '1.33' }))).toMatchObject({
      exitCode: 2,
      message: 'mine: the cluster runs Kubernetes v1.34.4, and the definition says "1.33"',
    })
    api = new FakeApi()
    for (const [url, answer] of Object.entries(sound)) api.answers.set(url, answer)
    api.answers.set('/api/v1/nodes', { items: [{ metadata: metadata('cp') }, { metadata: metadata('other') }] })
    expect(await refusal(define())).toMatchObject({
      exitCode: 2,
      message: 'mine: the cluster has no Node worker; the definition does not have its Node other',
    })
  })

  it('names every node whose command does not work, with what it said', async () => {
    machines.worker.fall()
    const [cp, worker] = define().nodes
    if (cp === undefined || worker === undefined) throw new Error('there are two nodes')
    const nodes = [{ ...cp, command: ['./no-such-program'] }, worker]
    const error = await refusal({ ...define(), nodes })
    expect(error).toMatchObject({ name: 'UserError', hint: expect.stringContaining('echo ok </dev/null') })
    expect(String(error).split('\n')).toEqual([
      expect.stringMatching(/mine: node cp: its command does not work: \.\/no-such-program .*there is no such program/),
      expect.stringMatching(/^node worker: its command does not work: .*ssh echo .*: exit code 255/),
      '  no route to machine',
    ])
  })
})
