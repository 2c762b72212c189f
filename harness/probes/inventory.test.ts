import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../fake-cluster.ts'
import { fakeLayout, ScriptedNode } from '../fake-etcd.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Role } from '../topology.ts'
import { describeFinding, judgeInventory, listeningPorts, roleBlindCheck, takeInventory } from './inventory.ts'
import { expectationsOf, type Item, roleExpectations, rolePartsOf } from './role-expectations.ts'

let fake: FakeCluster

beforeEach(() => {
  fake = fakeCluster(() => 0)
})
afterEach(() => fake[Symbol.asyncDispose]())

function machine(name: string, role: Role, says: Record<string, string>): ScriptedNode {
  const node = new ScriptedNode(name, [role])
  for (const [command, stdout] of Object.entries(says)) node.answers.set(command, { stdout })
  return node
}

const etcd = () =>
  machine('etcd-1', 'etcd', {
    'systemctl is-active': 'active\ninactive\ninactive\ninactive\ninactive\n',
    'ps -eo': '/sbin/init\n/usr/bin/etcd --name=etcd-1\n/lib/systemd/systemd-journald\nps -eo args=\n',
    'ss -Hltn': 'LISTEN 0 4096 *:2379 *:*\nLISTEN 0 4096 *:2380 *:*\n',
    'sh -c': '/usr/bin/etcd\n/usr/bin/etcdctl\n/usr/bin/kubelet\n/usr/bin/ctr\n',
  })

const controlPlane = () =>
  machine('fake-control-plane', 'control-plane', {
    'systemctl is-active': 'inactive\nactive\nactive\ninactive\ninactive\n',
    'ps -eo': [
      '/sbin/init',
      '/usr/bin/containerd',
      '/usr/bin/kubelet --config=x',
      'kube-apiserver --advertise-address=1.2.3.4',
      'kube-controller-manager --leader-elect=true',
      'kube-scheduler',
      '/usr/local/bin/kube-proxy --config=y',
    ].join('\n'),
    'ss -Hltn': '6443 10250 10257 10259'
      .split(' ')
      .map((port) => `LISTEN 0 4096 [::]:${port} [::]:*`)
      .join('\n'),
    'sh -c': '/usr/bin/kubelet\n/usr/local/bin/crictl\n/usr/bin/ctr\n',
    'ctr --namespace': 'a1b2c3\n',
  })

function mirrorPods(...names: string[]): void {
  const items = names.map((name) => ({
    metadata: { ...metadata(`${name}-fake-control-plane`), annotations: { 'kubernetes.io/config.mirror': 'x' } },
    spec: { nodeName: 'fake-control-plane' },
  }))
  fake.api.answers.set('/api/v1/namespaces/kube-system/pods', { items })
}

describe('takeInventory', () => {
  it('reads a machine of etcd alone, for which every check of its role holds', async () => {
    const node = etcd()
    const inventory = await takeInventory(fake, node)
    expect([...inventory.items]).toEqual(
      expect.arrayContaining(['unit/etcd', 'process/etcd', 'port/2379', 'port/2380', 'command/etcd', 'command/ctr']),
    )
    expect(judgeInventory(inventory, expectationsOf({ nodes: [node], etcd: fakeLayout }, node))).toEqual([])
    expect(node.done).toHaveLength(4)
  })

  it('reads a control plane with its static pods', async () => {
    mirrorPods('kube-apiserver', 'kube-controller-manager', 'kube-scheduler')
    const node = controlPlane()
    const cluster = { nodes: [etcd(), node], etcd: fakeLayout }
    const inventory = await takeInventory(fake, node)
    expect(judgeInventory(inventory, expectationsOf(cluster, node))).toEqual([])
    expect([...inventory.items]).toEqual(expect.arrayContaining(['containers', 'engine-client', 'object/Node']))
  })

  it('finds what is missing and what is too much', async () => {
    const node = controlPlane()
    node.answers.set('systemctl is-active', { stdout: 'active\nfailed\nactive\ninactive\ninactive\n' })
    const cluster = { nodes: [etcd(), node], etcd: fakeLayout }
    const findings = judgeInventory(await takeInventory(fake, node), expectationsOf(cluster, node))
    expect(findings.map(describeFinding)).toEqual([
      'fake-control-plane has no static-pod/kube-apiserver',
      'fake-control-plane has no static-pod/kube-controller-manager',
      'fake-control-plane has no static-pod/kube-scheduler',
      'fake-control-plane has no unit/kubelet',
      'fake-control-plane has unit/etcd, and must not',
    ])
  })

  it('says that it knows nothing where the machine is off or the API does not answer', async () => {
    const node = new ScriptedNode('off', ['worker'])
    node.answers.set('ps -eo', { stderr: 'container off is not running', exitCode: 1 })
    await expect(takeInventory(fake, node)).rejects.toThrow('off cannot be looked at: container off is not running')
    fake.api.answers.set('/api/v1/nodes/etcd-1', new KubeApiError('refused', 0))
    await expect(takeInventory(fake, etcd())).rejects.toThrow('refused')
  })
})

describe('roleBlindCheck', () => {
  it('finds on machines of etcd alone what is not there by design, and nothing on others', async () => {
    mirrorPods()
    const inventories = await Promise.all([takeInventory(fake, etcd()), takeInventory(fake, controlPlane())])
    expect(roleBlindCheck(inventories)).toEqual([
      { node: 'etcd-1', item: 'engine-client', problem: 'missing' },
      { node: 'etcd-1', item: 'unit/kubelet', problem: 'missing' },
      { node: 'etcd-1', item: 'unit/containerd', problem: 'missing' },
      { node: 'etcd-1', item: 'object/Node', problem: 'missing' },
    ])
  })
})

describe('judgeInventory', () => {
  const items = fc.uniqueArray(
    fc.constantFrom<Item>(
      ...Object.values(roleExpectations).flatMap((one): readonly Item[] => [...one.must, ...one.mustNot]),
    ),
  )

  it('never wants and forbids the same thing', () => {
    fc.assert(
      fc.property(items, items, items, (present, must, mustNot) => {
        const findings = judgeInventory({ node: 'n', items: new Set(present) }, { must, mustNot })
        expect(new Set(findings.map(({ item }) => item)).size).toBe(findings.length)
        for (const { item, problem } of findings) expect(present.includes(item)).toBe(problem === 'unexpected')
      }),
    )
  })

  it('is content with exactly what must be there', () => {
    fc.assert(
      fc.property(items, items, (must, mustNot) => {
        expect(judgeInventory({ node: 'n', items: new Set(must) }, { must, mustNot })).toEqual([])
      }),
    )
  })
})

describe('rolePartsOf', () => {
  const node = (name: string, ...roles: Role[]) => ({ name, roles })
  const split = { nodes: [node('e', 'etcd'), node('cp', 'control-plane'), node('w', 'worker')], etcd: fakeLayout }
  const stacked = { nodes: split.nodes.slice(1), etcd: { ...fakeLayout, unit: null } }

  it.each([
    [split, 'e', ['no control-plane', 'etcd alone', 'etcd unit']],
    [split, 'cp', ['control-plane', 'kubernetes', 'no etcd']],
    [split, 'w', ['no control-plane', 'kubernetes', 'no etcd']],
    [stacked, 'cp', ['control-plane', 'kubernetes', 'etcd pod']],
    [{ ...stacked, etcd: null }, 'cp', ['control-plane', 'kubernetes']],
  ] as const)('are those of the machine in its cluster (%#)', (cluster, name, parts) => {
    const found = cluster.nodes.find((one) => one.name === name) ?? node(name)
    expect(rolePartsOf(cluster, found)).toEqual(parts)
  })
})

describe('listeningPorts', () => {
  it('are those of all addresses, each once', () => {
    const text = 'LISTEN 0 4096 127.0.0.1:10248 0.0.0.0:*\nLISTEN 0 9 *:2379 *:*\nLISTEN 0 9 [::]:2379 [::]:*\n\n'
    expect(listeningPorts(text)).toEqual([2379, 10_248])
  })
})
