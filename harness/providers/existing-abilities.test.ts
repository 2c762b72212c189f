import { describe, expect, it } from 'vitest'

import { FakeApi, FakeNode } from '../fake-cluster.ts'
import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { abilitiesOf, factsOf, type NodeFacts, shutdownGraces } from './existing-abilities.ts'

type NodeInput = ClusterDefinitionInput['nodes'][number]

const power = { on: ['on'], off: ['off'], cut: ['cut'] }
const cp: NodeInput = { name: 'cp', roles: ['control-plane'], command: ['ssh', 'cp'], power }
const worker: NodeInput = { name: 'worker', roles: ['worker'], command: ['ssh', 'worker'], power }
const etcd: NodeInput = { name: 'etcd', roles: ['etcd'], command: ['ssh', 'etcd'], power }

const define = (nodes: NodeInput[], changes: Partial<ClusterDefinitionInput> = {}) =>
  defineCluster({ name: 'mine', provider: 'existing', kubernetes: '1.31', nodes, ...changes })

type Fact = NodeFacts extends ReadonlyMap<string, ReadonlySet<infer F>> ? F : never
const found = (facts: Readonly<Record<string, readonly Fact[]>>): NodeFacts =>
  new Map(Object.entries(facts).map(([name, own]) => [name, new Set(own)]))

const wellFound = found({
  cp: ['root', 'systemd', 'manifests', 'etcd-client', 'kubelet-unit'],
  worker: ['root', 'systemd', 'manifests', 'kubelet-unit'],
})
const graces = new Map([
  ['cp', 30_000],
  ['worker', 45_000],
])

describe('abilitiesOf', () => {
  it('is nothing with the API alone, whatever its kubelets say', () => {
    const definition = define([
      { name: 'cp', roles: ['control-plane'] },
      { name: 'worker', roles: ['worker'] },
    ])
    const { capabilities, lacks, etcd: layout } = abilitiesOf(definition, new Map(), graces)
    expect([...capabilities]).toEqual([])
    expect(lacks).toMatchObject({ 'node-access': ['cp', 'worker'], reboot: ['cp', 'worker'], 'static-pods': ['cp'] })
    expect(layout).toBeNull()
  })

  it('is all but joining where everything is given and found', () => {
    const abilities = abilitiesOf(define([cp, worker]), wellFound, graces)
    expect([...abilities.capabilities]).toEqual([
      'node-access',
      'reboot',
      'power',
      'static-pods',
      'graceful-shutdown',
      'etcd-access',
    ])
    expect(abilities.lacks).toEqual({
      'etcd-nodes': ['no node is for etcd alone'],
      join: ['nobody makes machines for it'],
      containers: ['its network is its own'],
      'embedded-registry': ['nobody can tell whether it has one'],
      'network-policy': ['nothing that is known enforces it'],
    })
    expect(abilities.etcd).toMatchObject({ ca: '/etc/kubernetes/pki/etcd/ca.crt', unit: null })
  })

  it('has NetworkPolicy where something is known to enforce it', () => {
    const { capabilities } = abilitiesOf(define([cp, worker]), wellFound, graces, 'cilium')
    expect(capabilities.has('network-policy')).toBe(true)
  })

  it('has the longest grace of its kubelets, and the grace period of nodes by the definition', () => {
    const definition = define([cp, worker])
    expect(abilitiesOf(definition, wellFound, graces).constants).toEqual({
      nodeMonitorGracePeriodMs: 40_000,
      shutdownGracePeriodMs: 45_000,
    })
    const components = { controllerManager: { extraArgs: { 'node-monitor-grace-period': '20s' } } }
    const told = define([cp, worker], { components, kubelet: { shutdownGracePeriod: '12s' } })
    expect(abilitiesOf(told, wellFound, new Map()).constants).toEqual({
      nodeMonitorGracePeriodMs: 20_000,
      shutdownGracePeriodMs: 12_000,
    })
  })

  it.each([
    ['node-access', found({ cp: ['root'] }), ['worker']],
    ['reboot', found({ cp: ['root', 'systemd'], worker: ['systemd'] }), ['worker']],
    ['reboot', found({ cp: ['root'], worker: ['root', 'systemd'] }), ['cp']],
    ['static-pods', found({ cp: [], worker: ['manifests'] }), ['cp']],
    ['etcd-access', found({ cp: [], worker: ['etcd-client'] }), ['cp']],
  ] as const)('lacks %s where a node does not allow it, and names the node', (capability, facts, nodes) => {
    const { capabilities, lacks } = abilitiesOf(define([cp, worker]), facts, graces)
    expect(capabilities.has(capability)).toBe(false)
    expect(lacks[capability]).toEqual(nodes)
  })

  it('lacks power where one node has none', () => {
    const { power: _, ...without } = worker
    expect(abilitiesOf(define([cp, without]), wellFound, graces).lacks['power']).toEqual(['worker'])
  })

  it('lacks graceful shutdown where a kubelet has no grace, or could not be asked', () => {
    expect(abilitiesOf(define([cp, worker]), wellFound, new Map([...graces, ['cp', 0]])).lacks).toMatchObject({
      'graceful-shutdown': ['cp'],
    })
    expect(abilitiesOf(define([cp, worker]), wellFound, new Map([['cp', 1]])).lacks).toMatchObject({
      'graceful-shutdown': ['worker'],
    })
  })

  describe('with a node of etcd alone', () => {
    const definition = define([cp, etcd, worker])
    const onEtcd = (...facts: Fact[]) => new Map([...wellFound, ['etcd', new Set(facts)] as const])

    it('knows its unit, and asks no kubelet there', () => {
      const abilities = abilitiesOf(definition, onEtcd('etcd-client', 'etcd-unit'), graces)
      expect([...abilities.capabilities]).toEqual(
        expect.arrayContaining(['etcd-nodes', 'etcd-access', 'graceful-shutdown', 'node-access']),
      )
      expect(abilities.etcd?.unit).toBe('etcd')
    })

    it('is none where a kubelet runs on it, or etcd does not', () => {
      for (const facts of [onEtcd('etcd-client', 'etcd-unit', 'kubelet-unit'), onEtcd('etcd-client')]) {
        expect(abilitiesOf(definition, facts, graces).lacks['etcd-nodes']).toEqual(['etcd'])
      }
    })
  })
})

describe('factsOf', () => {
  it('is what the node prints, and nothing that is no fact', async () => {
    const node = new FakeNode('worker', ['worker'])
    node.says = { stdout: 'root\nWelcome\nmanifests\n' }
    expect([...(await factsOf(node))]).toEqual(['root', 'manifests'])
  })

  it('is an error where the node cannot be asked', async () => {
    const node = new FakeNode('worker', ['worker'])
    node.says = new Error('no shell')
    await expect(factsOf(node)).rejects.toThrow('no shell')
  })
})

describe('shutdownGraces', () => {
  it('are those of the kubelets that could be asked', async () => {
    const api = new FakeApi()
    const says = (node: string, answer: unknown) => api.answers.set(`/api/v1/nodes/${node}/proxy/configz`, answer)
    says('a', { kubeletconfig: { shutdownGracePeriod: '1m30s' } })
    says('b', { kubeletconfig: { shutdownGracePeriod: '0s' } })
    says('c', { kubeletconfig: {} })
    expect(await shutdownGraces(api, ['a', 'b', 'c', 'd'])).toEqual(
      new Map([
        ['a', 90_000],
        ['b', 0],
      ]),
    )
  })
})
