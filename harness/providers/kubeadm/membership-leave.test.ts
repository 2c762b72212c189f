import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, FakeNode, metadata } from '../../fake-cluster.ts'
import { fakeLayout } from '../../fake-etcd.ts'
import { hostAddress } from '../../nodes/machine-network.ts'
import type { ClusterNode, ExecOptions } from '../../nodes/node.ts'
import type { RunResult } from '../../process.ts'
import { newRun } from '../../run.ts'
import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { removeMember } from './etcd-members.ts'
import { Membership } from './membership.ts'
import { planCluster } from './plan.ts'

/** What happened to the cluster, in its order: requests to the API, commands on machines and to the engine. */
const steps = vi.hoisted(() => Array<string>())

vi.mock('../../process.ts', async (original) => ({
  ...(await original<object>()),
  run: async (_: string, args: readonly string[], { input = '' }: ExecOptions = {}) => {
    steps.push(['engine', ...args.slice(0, 2), args.at(-1), ...(input.match(/^ {2}server \S+/gm) ?? [])].join(' '))
    return { stdout: '', stderr: '', exitCode: 0, durationMs: 0 }
  },
}))
vi.mock('./etcd-members.ts', { spy: true })

class NotingNode extends FakeNode {
  override exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    steps.push(`${this.name} ${command.join(' ')}`)
    return super.exec(command)
  }
}

const images = {
  admit: () => Promise.resolve(),
  dismiss: vi.fn<(node: Pick<ClusterNode, 'name'>) => void>(),
}

let fake: FakeCluster
let pods: object[]

beforeEach(() => {
  vi.resetAllMocks()
  fake = fakeCluster(() => 0)
  pods = []
  steps.splice(0)
  vi.mocked(removeMember).mockImplementation(async (_, via, which) => {
    steps.push(`${via.name} removes ${JSON.stringify(which)}`)
  })
  fake.api.answers.set('/api/v1/pods', { items: pods })
  vi.spyOn(fake.api, 'patch').mockImplementation(async (url) => void steps.push(`PATCH ${url}`))
  vi.spyOn(fake.api, 'delete').mockImplementation(async (url) => void steps.push(`DELETE ${url}`))
})
afterEach(() => fake[Symbol.asyncDispose]())

/** A cluster of those machines that runs. */
function running(...nodes: ClusterDefinitionInput['nodes']) {
  const address = (index: number) => hostAddress('10.9.0.0/24', 10 + index)
  const plan = planCluster(
    'c',
    defineCluster({ name: 'x', provider: 'kubeadm', nodes }),
    { name: 'c', subnet: '10.9.0.0/24', address },
    { apiPort: 7443, token: 'abcdef.0123456789abcdef' },
  )
  const machines = plan.machines.map((machine) => {
    return { machine, node: new NotingNode(machine.name, machine.definition.roles) }
  })
  const cluster = {
    plan,
    image: 'an image',
    kubernetes: 'v1.34.4',
    context: { run: newRun(), journal: fake.journal, host: fake.host },
    api: fake.api,
    etcd: fakeLayout,
    metadata: null,
    images,
    authority: null,
    machines: [...machines],
    nodes: machines.map(({ node }): ClusterNode => node),
  }
  const { leave } = new Membership(cluster)
  const node = (name: string) => {
    const found = machines.find(({ machine }) => machine.definition.name === name)
    if (found === undefined) throw new RangeError(name)
    return found.node
  }
  const left = () => {
    const names = cluster.nodes.map(({ name }) => name)
    expect(cluster.machines.map(({ machine }) => machine.name)).toEqual(names)
    return names
  }
  return { leave, node, left }
}

const controlPlane: ClusterDefinitionInput['nodes'][number] = { name: 'cp', roles: ['control-plane'] }
const told = () =>
  fake.journal
    .records()
    .filter(({ source }) => source === 'cluster')
    .map(({ kind }) => kind)

describe('leave', () => {
  it('drains a worker, removes its machine, and then its Node with the pods that are left there', async () => {
    const { leave, node, left } = running(controlPlane, { name: 'worker', roles: ['worker'] })
    pods.push({ metadata: { ...metadata('proxy'), namespace: 'x', ownerReferences: [{ kind: 'DaemonSet' }] } })
    await leave(node('worker'))
    expect(steps).toEqual([
      'PATCH /api/v1/nodes/c-worker',
      'engine rm --force c-worker',
      'DELETE /api/v1/nodes/c-worker',
      'DELETE /api/v1/namespaces/x/pods/proxy?gracePeriodSeconds=0',
    ])
    expect(left()).toEqual(['c-cp'])
    expect(images.dismiss).toHaveBeenCalledExactlyOnceWith(node('worker'))
    expect(told()).toEqual(['leaving', 'left'])
  })

  it('takes a control plane out of the load balancer before its API server and its member end', async () => {
    const { leave, node, left } = running(controlPlane, { name: 'cp2', roles: ['control-plane'] })
    await leave(node('cp'))
    expect(steps).toEqual([
      'PATCH /api/v1/nodes/c-cp',
      expect.stringMatching(/^engine exec --interactive .*haproxy\.cfg {3}server c-cp2$/),
      'engine kill --signal c-load-balancer',
      'c-cp kubeadm reset --force',
      'engine rm --force c-cp',
      'DELETE /api/v1/nodes/c-cp',
    ])
    expect(left()).toEqual(['c-cp2'])
  })

  it('has another member take a machine of etcd alone out, which is no Node', async () => {
    const { leave, node, left } = running(
      { name: 'e1', roles: ['etcd'] },
      { name: 'e2', roles: ['etcd'] },
      controlPlane,
    )
    await leave(node('e1'))
    expect(steps).toEqual(['c-e2 removes {"host":"c-e1"}', 'engine rm --force c-e1'])
    expect(left()).toEqual(['c-e2', 'c-cp'])
  })

  it('refuses to take out the last member, and touches nothing', async () => {
    const { leave, node, left } = running({ name: 'e1', roles: ['etcd'] }, controlPlane)
    await expect(leave(node('e1'))).rejects.toThrow(new RangeError('c has no other machine with etcd'))
    expect(steps).toEqual([])
    expect(left()).toEqual(['c-e1', 'c-cp'])
  })

  it('keeps the machine that is where the API is reached', async () => {
    const { leave, node } = running(controlPlane, { name: 'worker', roles: ['worker'] })
    await expect(leave(node(controlPlane.name))).rejects.toMatchObject({ name: 'UserError', exitCode: 2 })
    expect(steps).toEqual([])
  })

  it('knows its own machines only, and each once', async () => {
    const { leave, node } = running(controlPlane, { name: 'worker', roles: ['worker'] })
    await expect(leave(new FakeNode('c-worker', ['worker']))).rejects.toThrow(
      new RangeError('c-worker is no machine of c'),
    )
    expect(steps).toEqual([])
    expect(told()).toEqual([])
    await leave(node('worker'))
    await expect(leave(node('worker'))).rejects.toThrow('c-worker is no machine of c')
  })
})
