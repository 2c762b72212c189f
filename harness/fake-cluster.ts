import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type Capability, capabilities, type StartedCluster } from './cluster.ts'
import { MissingCapability } from './faults/fault.ts'
import { HostMonitor } from './host-monitor.ts'
import { canonicalName, parseReference } from './images/reference.ts'
import { Journal } from './journal.ts'
import { KubeApi, KubeApiError } from './kube/api.ts'
import type { BootEvidence, ClusterNode } from './nodes/node.ts'
import type { RunResult, StreamHandle } from './process.ts'
import { defineCluster, type Role } from './topology.ts'

/** Clusters for unit tests: nothing of them runs, and their time passes only where a test says so. */

/** An API server that gives the answers that it was given, by path without the query. Errors are thrown. */
export class FakeApi extends KubeApi {
  readonly answers = new Map<string, unknown>()

  constructor() {
    super({ server: new URL('https://nowhere'), ca: undefined, cert: undefined, key: undefined, token: undefined })
  }

  override get<T>(url: string): Promise<T> {
    const file = url.split('?')[0] ?? ''
    const answer = this.answers.get(file)
    if (answer === undefined) return Promise.reject(new KubeApiError(`GET ${url}: 404`, 404))
    if (answer instanceof Error) return Promise.reject(answer)
    // The test gives the answer of the type that is asked for.
    return Promise.resolve(answer as T)
  }

  /** As `get`, and content with whatever no test has an answer for: nothing is kept. */
  override create<T>(url: string, object: object): Promise<T> {
    const answer = this.answers.get(`POST ${url.split('?')[0] ?? ''}`) ?? object
    if (answer instanceof Error) return Promise.reject(answer)
    // As with `get`.
    return Promise.resolve(answer as T)
  }

  override async text(url: string): Promise<string> {
    return JSON.stringify(await this.get(url))
  }
}

/** A machine that is on or off, and whose commands all say the same. */
export class FakeNode implements ClusterNode {
  readonly name: string
  readonly roles: readonly Role[]
  readonly done: string[] = []
  boots = 1
  on = true
  says: Partial<RunResult> | Error = {}

  constructor(name: string, roles: readonly Role[]) {
    this.name = name
    this.roles = roles
  }

  exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    this.done.push(command.join(' '))
    if (this.says instanceof Error) return Promise.reject(this.says)
    return Promise.resolve({ stdout: '', stderr: '', exitCode: 0, durationMs: 0, ...this.says })
  }

  stream(): StreamHandle {
    return { done: Promise.resolve(), kill: () => undefined }
  }

  start(): Promise<void> {
    this.done.push('start')
    if (!this.on) this.boots += 1
    this.on = true
    return Promise.resolve()
  }

  kill(): Promise<void> {
    this.done.push('kill')
    this.on = false
    return Promise.resolve()
  }

  stop(): Promise<void> {
    this.done.push('stop')
    this.on = false
    return Promise.resolve()
  }

  running(): Promise<boolean> {
    return Promise.resolve(this.on)
  }

  bootEvidence(): Promise<BootEvidence> {
    const startedAt = new Date(Date.UTC(2026, 0, 1, 0, this.boots)).toISOString()
    return Promise.resolve({ startedAt, restarts: 0, pid: this.on ? 100 + this.boots : 0 })
  }
}

/** A host that is as slow as it is said to be. */
class FakeHost extends HostMonitor {
  slow: string | null = null
  /** The share of the time in which others had its processors. */
  kept = 0

  override keptMs(since: number, until: number): number {
    return (until - since) * this.kept
  }

  override slowness(): string | null {
    return this.slow
  }
}

export interface FakeCluster extends StartedCluster {
  readonly api: FakeApi
  readonly nodes: readonly [controlPlane: FakeNode, worker: FakeNode]
  readonly host: FakeHost
  /** Names of the images that its machines were given. */
  readonly loaded: string[]
  /** The output directory. */
  readonly out: string
}

/** One control plane and one worker, all of them well. `now` is the run's clock; disposing of it removes its files. */
export function fakeCluster(now: () => number, able: readonly Capability[] = capabilities): FakeCluster {
  const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-fake-'))
  const clock = { now, wall: (at: number) => new Date(Date.UTC(2026, 0, 1) + at) }
  const journal = new Journal(path.join(out, 'journal', 'fake.jsonl'), clock)
  const nodes = [
    new FakeNode('fake-control-plane', ['control-plane']),
    new FakeNode('fake-worker', ['worker']),
  ] as const
  const host = new FakeHost(clock)
  const api = new FakeApi()
  const loaded: string[] = []
  for (const [url, answer] of wellAnswers(nodes.map(({ name }) => name))) api.answers.set(url, answer)
  return {
    name: 'fake',
    definition: defineCluster({
      name: 'fake',
      provider: 'kind',
      nodes: nodes.map(({ roles }, index) => ({ name: `n${index}`, roles: [...roles] })),
    }),
    distribution: { name: 'fake', version: '1', kubernetes: 'v1.34.4' },
    capabilities: new Set(able),
    nodes,
    get boots() {
      const running = nodes.filter(({ on }) => on)
      return new Map(running.map((node) => [node.name, Date.UTC(2026, 0, 1, 0, node.boots)]))
    },
    api,
    kubeconfig: path.join(out, 'kubeconfig'),
    journal,
    host,
    faults: [],
    constants: { nodeMonitorGracePeriodMs: 50_000, shutdownGracePeriodMs: 30_000 },
    readyAfterMs: 0,
    etcd: null,
    metadata: null,
    network: { name: 'fake', subnet: '172.18.0.0/16' },
    loaded,
    loadImage({ name }) {
      loaded.push(name)
      return Promise.resolve(canonicalName(parseReference(name)))
    },
    join: () => Promise.reject(new MissingCapability('nothing can join a fake')),
    leave: () => Promise.reject(new MissingCapability('nothing can leave a fake')),
    out,
    [Symbol.asyncDispose]() {
      journal[Symbol.dispose]()
      host[Symbol.dispose]()
      rmSync(out, { recursive: true })
      return Promise.resolve()
    },
  }
}

/** An object's metadata as the API server sends it. */
export function metadata(name: string) {
  return { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' }
}

/** A lease that was renewed so many milliseconds ago. */
export function lease(renewedAgoMs: number, holder = 'fake-control-plane_1') {
  const renewTime = new Date(Date.now() - renewedAgoMs).toISOString()
  return { spec: { holderIdentity: holder, renewTime, leaseDurationSeconds: 15, leaseTransitions: 1 } }
}

function wellAnswers(names: readonly string[]): [string, unknown][] {
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T12:00:00Z' }
  const nodes = names.map((name) => ({ metadata: metadata(name), status: { conditions: [ready] } }))
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
  return [
    ['/api/v1/nodes', { items: nodes }],
    ...nodes.map((node): [string, unknown] => [`/api/v1/nodes/${node.metadata.name}`, node]),
    ['/api/v1/pods', { items: [] }],
    ['/api/v1/namespaces/kube-system/pods', { items: [] }],
    ['/apis/apps/v1/daemonsets', { items: [] }],
    ['/apis/apps/v1/namespaces/kube-system/deployments', { items: [] }],
    [`${leases}/kube-controller-manager`, lease(1_000)],
    [`${leases}/kube-scheduler`, lease(1_000)],
  ]
}
