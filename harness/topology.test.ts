import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type ClusterDefinitionInput, defineCluster, definitionSchema, startOrder, warnings } from './topology.ts'

type NodeInput = ClusterDefinitionInput['nodes'][number]

const controlPlane: NodeInput = { name: 'cp', roles: ['control-plane'] }
const withNodes = (...nodes: NodeInput[]): ClusterDefinitionInput => ({ name: 'x', provider: 'kind', nodes })

/** `path: message` of everything that is wrong with it. */
function mistakes(input: unknown): string[] {
  const result = definitionSchema.safeParse(input)
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('a definition', () => {
  it('has a default for everything but its name, provider and nodes', () => {
    expect(defineCluster(withNodes(controlPlane))).toEqual({
      name: 'x',
      provider: 'kind',
      kubernetes: '1.34',
      nodes: [{ name: 'cp', roles: ['control-plane'], after: [] }],
      network: { egress: 'closed', policy: 'none' },
      kubelet: {},
      kubeadmPatches: [],
      components: {},
      objectives: { daemonSetRecovery: '60s', nodeBoot: '60s', serviceGap: '10s' },
      etcd: {},
      identity: { boot: 'static', fallbackAfter: '3s', metadataAfter: '0s' },
      k3s: { embeddedRegistry: false, serverArgs: {} },
    })
  })

  it('enforces NetworkPolicy with k3s, as k3s does, and elsewhere where it is asked for', () => {
    const policy = (changes: Partial<ClusterDefinitionInput>) =>
      defineCluster({ ...withNodes(controlPlane), ...changes }).network.policy
    expect(policy({ provider: 'k3s' })).toBe('kube-router')
    expect(policy({ provider: 'k3s', network: { policy: 'none' } })).toBe('none')
    expect(policy({ provider: 'kubeadm', network: { policy: 'kube-router' } })).toBe('kube-router')
    const parsed = defineCluster({ ...withNodes(controlPlane), provider: 'k3s' })
    expect(definitionSchema.parse(parsed)).toEqual(parsed)
  })

  it.each([
    ['an unknown provider', { provider: 'kin' }, 'provider: Invalid option: expected one of "kind"|"kubeadm"'],
    ['a version without quotes', { kubernetes: 1.34 }, 'kubernetes: must be a minor version in quotes, such as "1.34"'],
    ['a patch version', { kubernetes: '1.34.4' }, 'kubernetes: must be a minor version in quotes, such as "1.34"'],
    ['a field that does not exist', { colour: 'red' }, ': Unrecognized key: "colour"'],
    ['a port that does not exist', { network: { apiPort: 65_536 } }, 'network.apiPort: Too big'],
    [
      'an objective that is no duration',
      { objectives: { nodeBoot: 'soon' } },
      'objectives.nodeBoot: "soon" is not a duration',
    ],
    [
      'a flag that is no text',
      { components: { etcd: { extraArgs: { a: 1 } } } },
      'components.etcd.extraArgs.a: Invalid input',
    ],
    [
      "a grace period of the kubelet's that is no duration",
      { kubelet: { shutdownGracePeriod: 'long' } },
      'kubelet.shutdownGracePeriod: "long" is not a duration',
    ],
    [
      "a grace period of the controller manager's that is no duration",
      { components: { controllerManager: { extraArgs: { 'node-monitor-grace-period': '40' } } } },
      'components.controllerManager.extraArgs.node-monitor-grace-period: "40" is not a duration',
    ],
    ['a patch without a kind', { kubeadmPatches: [{ a: 1 }] }, 'kubeadmPatches.0.kind: Invalid input'],
    ['a name that no machine can have', { name: 'Big_Cluster' }, 'name: must be lower-case letters'],
    ['a name that is too long', { name: 'a'.repeat(41) }, 'name: must be lower-case letters'],
  ])('refuses %s', (_, change, mistake) => {
    expect(mistakes({ ...withNodes(controlPlane), ...change })).toEqual([expect.stringContaining(mistake)])
  })

  it.each([
    ['an unknown role', [{ name: 'cp', roles: ['control-plane', 'master'] }], 'nodes.0.roles.1: Invalid option'],
    ['a node without a role', [controlPlane, { name: 'a', roles: [] }], 'nodes.1.roles: Too small'],
    ['a name twice', [controlPlane, { name: 'cp', roles: ['worker'] }], 'nodes.1.name: the name cp is taken by node 1'],
    [
      'a predecessor that is not there',
      [controlPlane, { name: 'a', roles: ['worker'], after: ['cp', 'b'] }],
      'nodes.1.after.1: there is no node b',
    ],
    ['no control plane', [{ name: 'a', roles: ['etcd', 'worker'] }], 'nodes: no node has the role control-plane'],
  ])('refuses %s', (_, nodes, mistake) => {
    expect(mistakes({ name: 'x', provider: 'kind', nodes })).toEqual([expect.stringContaining(mistake)])
  })

  it('takes the names that Nodes have already where it makes none, and no others', () => {
    const names = ['ip-10-0-0-1.eu-central-1.compute.internal', 'a'.repeat(63)]
    const nodes = names.map((name): NodeInput => ({ name, roles: ['control-plane'] }))
    expect(mistakes({ name: 'x', provider: 'existing', nodes })).toEqual([])
    expect(mistakes({ name: 'x', provider: 'kind', nodes })).toEqual([
      expect.stringContaining('nodes.0.name: must be lower-case letters'),
      expect.stringContaining('nodes.1.name: must be lower-case letters'),
    ])
    for (const name of ['Node', 'a_b', 'a.', 'a'.repeat(254)]) {
      expect(mistakes({ name: 'x', provider: 'existing', nodes: [{ name, roles: ['control-plane'] }] })).toHaveLength(1)
    }
  })

  it('refuses nodes that wait for each other, and names them', () => {
    const a: NodeInput = { name: 'a', roles: ['worker'], after: ['cp', 'b'] }
    const b: NodeInput = { name: 'b', roles: ['worker'], after: ['a'] }
    const innocent: NodeInput = { name: 'innocent', roles: ['worker'], after: ['cp'] }
    const behind: NodeInput = { name: 'behind', roles: ['worker'], after: ['a'] }
    expect(mistakes(withNodes(innocent, controlPlane, a, b))).toEqual([
      'nodes: the nodes wait for each other: a after b after a',
    ])
    expect(mistakes(withNodes(behind, controlPlane, a, b))).toEqual([
      'nodes: the nodes wait for each other: a after b after a',
    ])
    const self: NodeInput = { ...controlPlane, after: ['cp'] }
    expect(mistakes(withNodes(self))).toEqual(['nodes: the nodes wait for each other: cp after cp'])
  })

  it('refuses to do without nodes', () => {
    expect(mistakes(withNodes())).toContainEqual(expect.stringContaining('nodes: Too small'))
  })

  it('names every mistake among the nodes at once', () => {
    const nodes: NodeInput[] = [
      { name: 'a', roles: ['worker'], after: ['gone'] },
      { name: 'a', roles: ['worker'] },
    ]
    expect(mistakes(withNodes(...nodes))).toHaveLength(3)
  })
})

/** Nodes that wait only for nodes of a smaller number, in any order: always a definition that can be started. */
const acyclic = fc
  .integer({ min: 1, max: 8 })
  .chain((count) =>
    fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.subarray(Array.from({ length: index }, (__, before) => `n${before}`)),
      ),
    ),
  )
  .map((afters) => afters.map((after, index) => ({ name: `n${index}`, after })))
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }))

describe('startOrder', () => {
  it('starts what waits for nothing together', () => {
    const nodes = [
      { name: 'worker-1', after: ['cp'] },
      { name: 'cp', after: [] },
      { name: 'worker-2', after: ['cp'] },
    ]
    expect(startOrder(nodes)).toEqual([['cp'], ['worker-1', 'worker-2']])
  })

  it('starts every node once, after all that it waits for, and not later than it must', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const groups = startOrder(nodes) ?? []
        expect(groups.flat().toSorted()).toEqual(nodes.map(({ name }) => name).toSorted())
        const turn = (name: string) => groups.findIndex((group) => group.includes(name))
        for (const { name, after } of nodes) {
          expect(turn(name)).toBe(1 + Math.max(-1, ...after.map(turn)))
        }
      }),
    )
  })

  it('finds no order as soon as a node waits, at the end of a chain, for the chain’s own start', () => {
    fc.assert(
      fc.property(acyclic, fc.integer({ min: 1, max: 5 }), (nodes, length) => {
        const ring = Array.from({ length }, (_, index) => ({ name: `r${index}`, after: [`r${(index + 1) % length}`] }))
        expect(startOrder([...nodes, ...ring])).toBeNull()
      }),
    )
  })
})

describe('warnings', () => {
  const nodes = (...roles: NodeInput['roles'][]) =>
    defineCluster(withNodes(...roles.map((own, index) => ({ name: `n${index}`, roles: own }))))

  it('warns of an even number of etcd members', () => {
    expect(warnings(nodes(['control-plane'], ['control-plane', 'etcd']))).toEqual([
      'x: 2 etcd members tolerate no more failures than 1, and one more can fail; use an odd number',
    ])
  })

  it('is silent about an odd number', () => {
    expect(warnings(nodes(['control-plane'], ['worker'], ['worker']))).toEqual([])
    expect(warnings(nodes(['control-plane'], ['control-plane'], ['control-plane'], ['worker']))).toEqual([])
  })

  it('counts the nodes of etcd only where etcd has nodes of its own', () => {
    expect(warnings(nodes(['control-plane'], ['etcd'], ['etcd'], ['etcd']))).toEqual([])
    expect(warnings(nodes(['control-plane'], ['etcd'], ['etcd']))).toHaveLength(1)
  })
})
