import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode } from '../fake-cluster.ts'
import { fakeLayout, type FakeMember, fakeMembers, ScriptedNode, withMembers } from '../fake-etcd.ts'
import { ailments } from './health.ts'
import { etcdAilments, roleHealth, unitStates } from './role-health.ts'

let members: readonly [FakeMember, FakeMember, FakeMember]
let controlPlane: ScriptedNode
let worker: ScriptedNode
let cluster: { readonly nodes: readonly ScriptedNode[]; readonly etcd: typeof fakeLayout }

beforeEach(() => {
  members = fakeMembers()
  controlPlane = new ScriptedNode('cp', ['control-plane'])
  worker = new ScriptedNode('w', ['worker'])
  for (const node of [controlPlane, worker]) {
    node.answers.set('is-active containerd kubelet', { stdout: 'active\nactive\n' })
    node.answers.set(':10248/healthz', { stdout: 'ok\n200 ' })
    node.answers.set('/readyz', { stdout: '[+]ping ok\n[+]etcd ok\nreadyz check passed\n200 ' })
  }
  cluster = { nodes: [...members, controlPlane, worker], etcd: fakeLayout }
})

const failing = async () => (await roleHealth(cluster)).filter(({ ok }) => !ok)

describe('roleHealth', () => {
  it('checks each machine for what its roles need, and for nothing else', async () => {
    const checks = (await roleHealth(cluster)).map(({ node, role, check, ok }) => [node, role, check, ok])
    expect(checks).toEqual([
      ...['etcd-1', 'etcd-2', 'etcd-3'].flatMap((node) => [
        [node, 'etcd', 'etcd /health', true],
        [node, 'etcd', 'etcd raft index', true],
      ]),
      ['cp', 'control-plane', 'kube-apiserver /readyz', true],
      ['cp', 'control-plane', 'containerd runs', true],
      ['cp', 'control-plane', 'kubelet runs', true],
      ['cp', 'control-plane', 'kubelet /healthz', true],
      ['w', 'worker', 'containerd runs', true],
      ['w', 'worker', 'kubelet runs', true],
      ['w', 'worker', 'kubelet /healthz', true],
    ])
  })

  it('asks machines of etcd alone for no unit of Kubernetes', async () => {
    await roleHealth(cluster)
    expect(members[0].done.filter((command) => !command.startsWith('curl'))).toEqual([])
  })

  it('names a member that is down, and one that is far behind', async () => {
    members[1].state.up = false
    members[0].state.index = 6_000
    members[2].state.index = 999
    expect(await failing()).toEqual([
      {
        node: 'etcd-2',
        role: 'etcd',
        check: 'etcd /health',
        ok: false,
        detail: expect.stringMatching(/^Failed to connect/),
      },
      expect.objectContaining({
        node: 'etcd-3',
        check: 'etcd raft index',
        detail: '5001 entries behind the leader, 5000 at most',
      }),
    ])
  })

  it('names the checks of an API server that fail, or why it does not answer', async () => {
    controlPlane.answers.set('/readyz', { stdout: '[+]ping ok\n[-]etcd failed: reason withheld\n[-]x failed\n500 ' })
    expect(await failing()).toEqual([expect.objectContaining({ node: 'cp', detail: 'failing: etcd, x' })])
    controlPlane.answers.set('/readyz', { stdout: '\n000 Connection refused' })
    expect(await failing()).toEqual([expect.objectContaining({ detail: 'Connection refused' })])
    controlPlane.answers.set('/readyz', { stdout: 'forbidden\n403 ' })
    expect(await failing()).toEqual([expect.objectContaining({ detail: 'status 403' })])
  })

  it('names a unit that is not active', async () => {
    worker.answers.set('is-active containerd kubelet', { stdout: 'active\nfailed\n', exitCode: 3 })
    worker.answers.set(':10248/healthz', { stdout: '\n000 refused' })
    expect(await failing()).toEqual([
      { node: 'w', role: 'worker', check: 'kubelet runs', ok: false, detail: 'failed' },
      { node: 'w', role: 'worker', check: 'kubelet /healthz', ok: false, detail: 'refused' },
    ])
  })
})

describe('unitStates', () => {
  it('says why there is no state of a unit', async () => {
    const off = new FakeNode('off', ['worker'])
    off.says = { stderr: 'container off is not running', exitCode: 1 }
    expect(await unitStates(off, ['etcd'])).toEqual(new Map([['etcd', 'container off is not running']]))
    off.says = new Error('no end within 20 s')
    expect(await unitStates(off, ['etcd'])).toEqual(new Map([['etcd', 'no end within 20 s']]))
    worker.answers.clear()
    worker.answers.set('is-active', { stdout: 'inactive\n', exitCode: 3 })
    expect(await unitStates(worker, ['etcd', 'kubelet'])).toEqual(
      new Map([
        ['etcd', 'inactive'],
        ['kubelet', 'unknown'],
      ]),
    )
  })
})

describe('etcdAilments', () => {
  it('are none of a healthy etcd, none where nobody can ask, else a line each', async () => {
    expect(await etcdAilments(cluster)).toEqual([])
    members[0].state.ailment = 'ALARM NOSPACE'
    expect(await etcdAilments(cluster)).toEqual(['etcd-1: etcd /health: ALARM NOSPACE'])
    expect(await etcdAilments({ ...cluster, etcd: null })).toEqual([])
  })
})

describe('ailments', () => {
  let fake: FakeCluster

  beforeEach(() => {
    fake = fakeCluster(() => 0)
  })
  afterEach(() => fake[Symbol.asyncDispose]())

  it('have those of etcd where it is a unit of its own', async () => {
    members[0].on = false
    const split = withMembers(fake, members)
    expect(await ailments(split)).toEqual([expect.stringMatching(/^etcd-1: etcd \/health: .*not running/)])
    expect(await ailments({ ...split, etcd: { ...fakeLayout, unit: null } })).toEqual([])
  })
})
