import { execFileSync } from 'node:child_process'
import { stringify } from 'yaml'
import { describe, expect, it, vi } from 'vitest'

import type { StartedCluster } from '../../harness/cluster.ts'
import { FakeNode, fakeCluster, metadata } from '../../harness/fake-cluster.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { RunResult } from '../../harness/process.ts'

// What the sabotages would run on a cluster's machines, without a cluster: scripts that a shell cannot read, and a sabotage
// that breaks before it has done anything, would show only after minutes.

const { declared } = vi.hoisted(() => {
  const all: { title: string; sabotage: Sabotage }[] = []
  return { declared: all }
})
vi.mock('../../harness/fixtures.ts', () => ({
  scenario: () => undefined,
  scenariosOf: () => Promise.resolve(new Map()),
  counter: (_: unknown, name: string, against: string, { sabotage }: { sabotage: Sabotage }) =>
    declared.push({ title: `${name} against ${against}`, sabotage }),
}))
// No engine, no workload and no member of etcd: what is looked at here are scripts.
vi.mock('../../harness/process.ts', () => ({ run: () => Promise.resolve() }))
// Whoever is asked for holds the lease, and each time it is somebody else.
vi.mock('../../harness/probes/leases.ts', () => {
  let looks = 0
  return { held: () => true, overdue: () => false, leaseState: () => Promise.resolve({ holder: String((looks += 1)) }) }
})
vi.mock('../../harness/workloads/agent.ts', () => ({ deployAgent: () => Promise.resolve() }))
vi.mock('../../harness/providers/kubeadm/etcd-members.ts', () => ({
  addLearner: () => Promise.resolve({ id: '1' }),
  removeMember: () => Promise.resolve(),
}))

const identity = { 'client-certificate-data': 'Y2VydGlmaWNhdGU=', 'client-key-data': 'a2V5' }

/** A machine that has an answer to what the sabotages ask. */
class ReadableNode extends FakeNode {
  readonly scripts: string[] = []

  override exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const [program, flag = '', script = ''] = command
    if (program === 'sh') this.scripts.push(script)
    if (program === 'getent') this.says = { stdout: '172.18.0.2 STREAM cp' }
    else if (program === 'kubeadm' && flag === 'kubeconfig')
      this.says = { stdout: stringify({ users: [{ user: identity }] }) }
    else this.says = {}
    return super.exec(command)
  }
}

/** A cluster of which the sabotages of recovery find what they look for. */
function cluster(): { readonly cluster: StartedCluster; readonly nodes: readonly ReadableNode[] } {
  let now = 0
  // Time passes with each look at the clock.
  const fake = fakeCluster(() => (now += 500))
  const nodes = [
    new ReadableNode('fake-control-plane', ['control-plane']),
    new ReadableNode('fake-worker', ['worker']),
    new ReadableNode('etcd-1', ['etcd']),
    new ReadableNode('etcd-2', ['etcd']),
    new ReadableNode('etcd-3', ['etcd']),
    new ReadableNode('other-worker', ['worker']),
  ]
  for (const method of ['apply', 'patch', 'delete'] as const) vi.spyOn(fake.api, method).mockResolvedValue()
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T12:00:00Z' }]
  const agent = { ...metadata('agent-x'), ownerReferences: [{ kind: 'DaemonSet', name: 'agent', uid: 'd' }] }
  const state = { running: { startedAt: '2026-01-01T12:00:00Z' } }
  const answers = {
    '/apis/apps/v1/daemonsets': {
      items: [{ metadata: metadata('agent'), status: { desiredNumberScheduled: 1, numberReady: 1 } }],
    },
    '/api/v1/pods': {
      items: [
        { metadata: agent, spec: { nodeName: 'fake-worker' }, status: { conditions, containerStatuses: [{ state }] } },
      ],
    },
    '/api/v1/nodes': { items: nodes.map(({ name }) => ({ metadata: metadata(name), status: { conditions } })) },
    '/api/v1/namespaces/kube-system/configmaps/kube-proxy': { data: { 'config.conf': 'mode: iptables' } },
    '/api/v1/namespaces/kube-system/configmaps/coredns': { data: { Corefile: '.:53 {}' } },
    '/apis/apps/v1/namespaces/kube-system/deployments/coredns': { spec: { replicas: 2 } },
    '/api/v1/namespaces/kube-system/pods': {
      items: [
        {
          metadata: metadata('server'),
          spec: { containers: [{ name: 'c', image: 'i' }] },
          status: { phase: 'Succeeded' },
        },
      ],
    },
  }
  for (const [path, answer] of Object.entries(answers)) fake.api.answers.set(path, answer)
  const boots = new Map(nodes.map(({ name }) => [name, Date.UTC(2026, 0, 1)]))
  const etcd = { ca: '', certificate: '', key: '', dataDirectory: '', unit: null }
  const changed = { nodes: { value: nodes }, boots: { value: boots }, etcd: { value: etcd } }
  return { cluster: Object.defineProperties(fake, changed), nodes }
}

const faults = ['reboot', 'power-cut', 'etcd-stop', 'etcd-restart', 'block-egress-policy', 'registry-blackhole']
const kills = ['kill elector', 'kill kube-scheduler']

/** The journal says that every fault struck, one machine after the other: what waits for one acts. */
function everyFault({ journal, nodes }: StartedCluster): void {
  for (const fault of [...faults, ...kills]) {
    for (const { name } of nodes) {
      for (const stage of ['injecting', 'struck']) journal.append('fault', stage, `node/${name}`, { fault })
    }
  }
}

for (const file of [
  'kubelet',
  'runtime',
  'network',
  'service',
  'components',
  'add-ons',
  'certificates',
  'resources',
  'roles',
  'election',
  'standby',
  'mirror',
]) {
  await import(`./${file}.counter.ts`)
}

/** Scripts that a shell has read. */
const read = new Set<string>()

describe('the sabotages of the campaign', () => {
  it('are many, and each has a name of its own', () => {
    expect(declared.length).toBeGreaterThanOrEqual(40)
    expect(new Set(declared.map(({ title }) => title)).size).toBe(declared.length)
  })

  const each = declared.map(({ title, sabotage }) => [title, sabotage] as const)
  it.each(each)('%s: is made and undone with scripts that a shell can read', async (_, sabotage) => {
    const { cluster: sabotaged, nodes } = cluster()
    try {
      const undone = await sabotage(sabotaged)
      everyFault(sabotaged)
      // What that set off goes on by itself; nothing in it waits for more than promises.
      await new Promise(setImmediate)
      await undone[Symbol.asyncDispose]()
      expect(sabotaged.journal.records().filter(({ kind }) => kind === 'sabotage-failed')).toEqual([])
    } finally {
      await sabotaged[Symbol.asyncDispose]()
    }
    for (const script of nodes.flatMap((node) => node.scripts)) {
      if (read.has(script)) continue
      read.add(script)
      expect(() => execFileSync('sh', ['-n', '-c', script], { stdio: 'pipe' })).not.toThrow()
    }
  })
})
