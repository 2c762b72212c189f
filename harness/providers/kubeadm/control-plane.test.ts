import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster } from '../../fake-cluster.ts'
import { ScriptedNode } from '../../fake-etcd.ts'
import { hostAddress } from '../../nodes/machine-network.ts'
import type { ExecOptions } from '../../nodes/node.ts'
import type { RunResult } from '../../process.ts'
import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { deployDns, finishControlPlane, prepareControlPlane, startControlPlane } from './control-plane.ts'
import { skippedPhases } from './kubeadm-config.ts'
import { planCluster } from './plan.ts'

const time = vi.hoisted(() => ({ now: 0 }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))

const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }

/** A machine that remembers what it was told. */
class ToldNode extends ScriptedNode {
  told = ''

  override async exec(command: readonly [string, ...string[]], { input = '' }: ExecOptions = {}): Promise<RunResult> {
    this.told += input
    return super.exec(command)
  }
}

function planned(changes: Partial<ClusterDefinitionInput> = {}) {
  const nodes = [{ name: 'cp', roles: ['control-plane' as const] }]
  const definition = defineCluster({ name: 'x', provider: 'kubeadm', nodes, ...changes })
  const plan = planCluster('c', definition, network, { apiPort: 7443, token: 'abcdef.0123456789abcdef' })
  const machine = plan.machines.find(({ name }) => name === 'c-cp')
  if (machine === undefined) throw new RangeError('none')
  return { plan, node, machine }
}

let cluster: FakeCluster
let node: ToldNode

beforeEach(() => {
  time.now = 1_000
  cluster = fakeCluster(() => time.now)
  node = new ToldNode('c-cp', ['control-plane'])
})
afterEach(() => cluster[Symbol.asyncDispose]())

/** The phases that a command leaves to kubeadm, in the order of its calls. */
const left = (command = '') => (command.match(/preflight,\S*/g) ?? []).map((text) => text.split(','))

/** Nobody gives the cluster up. */
const going = new AbortController().signal

describe('prepareControlPlane', () => {
  it('makes files alone, and says which Kubernetes that is and how to reach it', async () => {
    node.answers.set('kubeadm', { stdout: 'v1.34.4\napiVersion: v1\nkind: Config\n' })
    const { plan, ...running } = planned()
    expect(await prepareControlPlane(plan, running, 'c-cp')).toEqual({
      kubernetes: 'v1.34.4',
      kubeconfig: 'apiVersion: v1\nkind: Config\n',
    })
    expect(node.told).toContain('kubernetesVersion: "@KUBERNETES@"')
    for (const skipped of left(node.done[0])) {
      expect(skipped).toEqual(
        expect.arrayContaining(['preflight', 'upload-config/kubeadm', 'bootstrap-token', 'addon/coredns']),
      )
    }
  })
})

describe('startControlPlane', () => {
  it('waits for the etcd that the cluster has', async () => {
    const { plan, ...running } = planned()
    await startControlPlane(plan, running)
    expect(node.done[0]).toContain('/etcd/healthcheck-client.key https://10.9.0.12:2379')
    const apart = planned({
      nodes: [
        { name: 'e', roles: ['etcd'] },
        { name: 'cp', roles: ['control-plane'] },
      ],
    })
    await startControlPlane(apart.plan, apart)
    expect(node.done[1]).toContain('/apiserver-etcd-client.key https://c-e:2379')
  })

  it.each([
    [124, 'the API server of c-cp does not answer within 240 s'],
    [137, 'the control plane of c-cp cannot be started (exit code 137): Killed'],
  ])('hands on what the components said, where it ends with %i', async (exitCode, message) => {
    node.answers.set('kube-apiserver.yaml', { exitCode, stderr: 'Killed\n' })
    node.answers.set('/var/log/pods', { stdout: 'bind: address already in use\n' })
    const { plan, ...running } = planned()
    const hint = expect.stringContaining('bind: address already in use')
    await expect(startControlPlane(plan, running)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 3,
      message,
      hint,
    })
  })
})

it('has kubeadm do every phase once in all, but for preflight and what it only waits or speaks in', async () => {
  cluster.api.answers.set('/api/v1/nodes', { items: [{ metadata: { name: 'c-cp' }, spec: {} }] })
  const { plan, ...running } = planned()
  node.answers.set('cat /kind/version', { stdout: 'v1.34.4\n' })
  await prepareControlPlane(plan, running, 'c-cp')
  await startControlPlane(plan, running)
  await finishControlPlane(plan, running)
  await deployDns(plan, running, cluster.api, cluster, going)
  const all = skippedPhases(plan.definition, []).split(',')
  const done = node.done.flatMap(left).flatMap((skipped) => all.filter((phase) => !skipped.includes(phase)))
  const never = new Set(['preflight', 'wait-control-plane', 'upload-certs', 'show-join-command'])
  // Whose call names nothing else.
  expect([...done, 'upload-config/kubeadm'].toSorted()).toEqual(all.filter((phase) => !never.has(phase)).toSorted())
})

describe('deployDns', () => {
  const tainted = (...keys: string[]) => ({
    items: [{ metadata: { name: 'c-cp' }, spec: { taints: keys.map((key) => ({ key, effect: 'NoSchedule' })) } }],
  })

  it('waits for a node that is Ready for pods; who may not go there is another matter', async () => {
    const { plan, ...running } = planned()
    cluster.api.answers.set('/api/v1/nodes', tainted('node.kubernetes.io/not-ready'))
    await expect(deployDns(plan, running, cluster.api, cluster, going)).rejects.toThrow(
      /^a node of c takes pods: not within 4 min[^]*c-cp node.kubernetes.io\/not-ready/,
    )
    expect(node.done).toEqual([])
    cluster.api.answers.set('/api/v1/nodes', tainted('node-role.kubernetes.io/control-plane'))
    await deployDns(plan, running, cluster.api, cluster, going)
    expect(node.done[0]).toMatch(/^kubeadm init --config \S+ --skip-phases=\S*,addon\/kube-proxy/)
  })

  it('waits for nothing once the cluster is given up', async () => {
    const { plan, ...running } = planned()
    cluster.api.answers.set('/api/v1/nodes', new Error('the API is gone'))
    const ended = AbortSignal.abort(new Error('given up'))
    await expect(deployDns(plan, running, cluster.api, cluster, ended)).rejects.toThrow('given up')
    expect(node.done).toEqual([])
  })

  it('leaves out what the definition has kubeadm leave out', async () => {
    const patch = { kind: 'InitConfiguration', skipPhases: ['addon/coredns'] }
    const { plan } = planned({ kubeadmPatches: [patch] })
    expect(skippedPhases(plan.definition, ['addon/coredns']).split(',')).toContain('addon/coredns')
  })
})
