import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type FakeCluster, fakeCluster, metadata } from '../../fake-cluster.ts'
import { fakeLayout, FakeMember } from '../../fake-etcd.ts'
import { startMachine } from '../../nodes/machine-container.ts'
import { hostAddress } from '../../nodes/machine-network.ts'
import type { ClusterNode, ExecOptions } from '../../nodes/node.ts'
import type { RunResult } from '../../process.ts'
import { newRun } from '../../run.ts'
import { type ClusterDefinitionInput, defineCluster, type NodeDefinition } from '../../topology.ts'
import type { Authority } from './certificates.ts'
import { addLearner, promoteLearner, removeMember } from './etcd-members.ts'
import { Membership } from './membership.ts'
import { planCluster } from './plan.ts'

const time = vi.hoisted(() => ({ now: 0 }))
/** What the engine was asked for beside commands on machines, and the machines that it has. */
const engine = vi.hoisted(() => ({ asked: Array<string>(), machines: new Map<string, Pick<ClusterNode, 'exec'>>() }))

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    time.now += ms
    return Promise.resolve()
  },
}))
vi.mock('../../process.ts', async (original) => ({
  ...(await original<object>()),
  run: async (_: string, args: readonly string[], { input = '' }: ExecOptions = {}) => {
    const [action, name = '', program = '', ...words] = args.filter((word) => word !== '--interactive')
    const machine = action === 'exec' ? engine.machines.get(name) : undefined
    if (machine !== undefined) return machine.exec([program, ...words], { input })
    engine.asked.push([...args, ...(input.match(/^ {2}server \S+/gm) ?? [])].join(' '))
    return { stdout: '', stderr: '', exitCode: 0, durationMs: 0 }
  },
}))
vi.mock('../../nodes/machine-container.ts', { spy: true })
vi.mock('./etcd-members.ts', { spy: true })

/** A machine that boots, and can be made to fail at a command. */
class BootingMachine extends FakeMember {
  failsAt: string | null = null

  constructor(name: string) {
    super(name, [], { id: '9' })
    this.answers.set('is-active', { stdout: 'active\n' })
  }

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const result = await super.exec(command)
    const text = command.join(' ')
    if (this.failsAt !== null && text.includes(this.failsAt)) throw new Error(`it failed: ${text}`)
    return result
  }
}

const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }
const authority: Authority = { certificate: 'a certificate', key: 'a key' }
const worker: NodeDefinition = { name: 'new', roles: ['worker'], after: [] }
const etcd: NodeDefinition = { name: 'new', roles: ['etcd'], after: [] }
const controlPlane: NodeDefinition = { name: 'new', roles: ['control-plane'], after: [] }

const etcdPods = '/api/v1/namespaces/kube-system/pods'

/** Notes among a machine's commands when it was given images. */
const images = {
  admit: vi.fn<(node: Pick<ClusterNode, 'name'>) => Promise<void>>(),
  dismiss: vi.fn<(node: Pick<ClusterNode, 'name'>) => void>(),
}

let fake: FakeCluster
let machine: BootingMachine

beforeEach(() => {
  vi.resetAllMocks()
  time.now = 1_000
  fake = fakeCluster(() => time.now)
  machine = new BootingMachine('c-new')
  engine.asked = []
  engine.machines = new Map([[machine.name, machine]])
  fake.api.answers.set('/api/v1/nodes/c-new', { metadata: metadata('c-new') })
  fake.api.answers.set(etcdPods, { items: [{ metadata: metadata('etcd-c-cp') }] })
  vi.mocked(startMachine).mockResolvedValue()
  vi.mocked(addLearner).mockResolvedValue({ id: 'ff', learner: true, others: [{ name: 'c-etcd', host: 'c-etcd' }] })
  vi.mocked(removeMember).mockResolvedValue()
  vi.mocked(promoteLearner).mockResolvedValue()
})
afterEach(() => fake[Symbol.asyncDispose]())

/** A cluster of those machines that runs. */
function running(...nodes: ClusterDefinitionInput['nodes']) {
  const definition = defineCluster({ name: 'x', provider: 'kubeadm', nodes })
  const plan = planCluster('c', definition, network, { apiPort: 7443, token: 'abcdef.0123456789abcdef' })
  const machines = plan.machines.map((own) => ({
    machine: own,
    node: new FakeMember(own.name, own.definition.roles, { id: '1' }),
  }))
  const cluster = {
    plan,
    image: 'an image',
    kubernetes: 'v1.34.4',
    context: { run: newRun(), journal: fake.journal, host: fake.host },
    api: fake.api,
    etcd: fakeLayout,
    metadata: null,
    images,
    authority: plan.externalEtcd ? authority : null,
    machines: [...machines],
    nodes: machines.map(({ node }): ClusterNode => node),
  }
  const { join } = new Membership(cluster)
  return { cluster, machines, join }
}

const stacked: ClusterDefinitionInput['nodes'] = [{ name: 'cp', roles: ['control-plane'] }]
const apart: ClusterDefinitionInput['nodes'] = [...stacked, { name: 'etcd', roles: ['etcd'] }]
const names = (cluster: { nodes: readonly ClusterNode[] }) => cluster.nodes.map(({ name }) => name)
const told = () =>
  fake.journal
    .records()
    .filter(({ source }) => source === 'cluster')
    .map(({ kind }) => kind)

describe('join', () => {
  it('starts the machine with the next address, and has it once it is a Node', async () => {
    const { cluster, join } = running(...stacked)
    const node = await join(worker)
    expect(node).toMatchObject({ name: 'c-new', roles: ['worker'] })
    expect(vi.mocked(startMachine).mock.calls[0]?.[1]).toMatchObject({
      name: 'c-new',
      address: '10.9.0.13',
      image: 'an image',
    })
    expect(machine.done.at(-1)).toMatch(/kubeadm join --config "\$1" sh .*\/kind\/kubeadm.conf$/s)
    expect(names(cluster)).toEqual(['c-cp', 'c-new'])
    expect(cluster.machines.map(({ node: own }) => own)).toEqual(cluster.nodes)
    expect(told()).toEqual(['joining', 'joined'])
    expect(engine.asked).toEqual([])
  })

  it('has the images that the others have before its kubelet joins', async () => {
    images.admit.mockImplementation(async () => void machine.done.push('images'))
    const { join } = running(...stacked)
    const node = await join(worker)
    expect(images.admit).toHaveBeenCalledExactlyOnceWith(node)
    expect(machine.done.slice(machine.done.indexOf('images') + 1)).toContainEqual(
      expect.stringContaining('exec kubeadm join'),
    )
    expect(machine.done.slice(0, machine.done.indexOf('images')).join()).not.toContain('kubeadm')
    expect(images.dismiss).not.toHaveBeenCalled()
  })

  it('refuses a name that is taken, before anything is started', async () => {
    const { cluster, join } = running(...stacked)
    await expect(join({ ...worker, name: 'cp' })).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: 'c has a machine named cp already',
    })
    expect(startMachine).not.toHaveBeenCalled()
    // Not even the one that is there is removed.
    expect(engine.asked).toEqual([])
    expect(names(cluster)).toEqual(['c-cp'])
  })

  it.each<[string, string | RegExp, () => void]>([
    [
      'its machine does not start',
      'no such image',
      () => void vi.mocked(startMachine).mockRejectedValueOnce(new Error('no such image')),
    ],
    [
      'its machine does not boot',
      /^c-new cannot join: c-new has booted: not within/,
      () => void machine.answers.set('containerd.sock', { exitCode: 124 }),
    ],
    ['kubeadm fails', /^it failed: [^]*kubeadm join/, () => void (machine.failsAt = 'kubeadm join')],
    ['it does not become a Node', /^c-new is a Node/, () => void fake.api.answers.delete('/api/v1/nodes/c-new')],
  ])('leaves nothing behind where %s', async (_, why, breaks) => {
    const { cluster, join } = running(...stacked)
    breaks()
    await expect(join(worker)).rejects.toThrow(why)
    expect(engine.asked).toEqual(['rm --force --volumes c-new'])
    expect(names(cluster)).toEqual(['c-cp'])
    expect(cluster.machines).toHaveLength(1)
    expect(images.dismiss).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'c-new' }))
    expect(told()).toEqual(['joining', 'join-failed'])
  })

  it('gives the address of a machine that failed to no other', async () => {
    const { join } = running(...stacked)
    machine.failsAt = 'kubeadm join'
    await expect(join(worker)).rejects.toThrow('it failed')
    machine.failsAt = null
    await join(worker)
    const addresses = vi.mocked(startMachine).mock.calls.map(([, { address }]) => address)
    expect(addresses).toEqual(['10.9.0.13', '10.9.0.14'])
  })
})

describe('join of a control plane', () => {
  it('shares the certificates first, and the load balancer learns of it once it is there', async () => {
    const { machines, join } = running(...stacked, { name: 'cp2', roles: ['control-plane'] })
    await join(controlPlane)
    expect(machines[0]?.node.done).toEqual([expect.stringContaining('tar -cf')])
    const shared = machine.done.findIndex((command) => command.includes('tar -xf'))
    expect(shared).toBeGreaterThan(-1)
    expect(shared).toBeLessThan(machine.done.findIndex((command) => command.includes('exec kubeadm join')))
    expect(engine.asked).toEqual([
      expect.stringMatching(/^exec --interactive c-load-balancer .* {3}server c-cp {3}server c-cp2 {3}server c-new$/),
      'kill --signal USR2 c-load-balancer',
    ])
  })

  it('has the API know of a member of etcd before: kubeadm looks for its Pod', async () => {
    const { machines, join } = running(...stacked)
    fake.api.answers.set(etcdPods, { items: [] })
    await join(controlPlane)
    expect(machines[0]?.node.done).toContain('systemctl restart kubelet')
  })

  it('brings what it takes to speak to an etcd on machines of its own', async () => {
    const { join } = running(...apart)
    await join(controlPlane)
    expect(machine.done).toContainEqual(expect.stringContaining('certs apiserver-etcd-client'))
    expect(addLearner).not.toHaveBeenCalled()
  })
})

describe('join of a machine of etcd alone', () => {
  it('is a learner first, and gets its vote once it answers', async () => {
    const { cluster, machines, join } = running(...apart)
    vi.mocked(promoteLearner).mockImplementation(async () => {
      expect(machine.done).toContain('systemctl start --no-block etcd')
    })
    await join(etcd)
    const via = machines[1]?.node
    expect(addLearner).toHaveBeenCalledWith(fakeLayout, via, 'c-new')
    expect(promoteLearner).toHaveBeenCalledWith(fakeLayout, via, 'ff', expect.anything())
    expect(removeMember).not.toHaveBeenCalled()
    expect(images.admit).not.toHaveBeenCalled()
    expect(names(cluster)).toEqual(['c-cp', 'c-etcd', 'c-new'])
  })

  it.each<[string, string | RegExp, () => void]>([
    ['it does not answer', /does not answer/, () => void (machine.state.up = false)],
    [
      'it never catches up',
      'not in sync',
      () => void vi.mocked(promoteLearner).mockRejectedValue(new Error('not in sync')),
    ],
    ['it is not well with its vote', /does not answer/, () => void (machine.state.ailment = 'RAFT NO LEADER')],
  ])('takes the member out of etcd again where %s', async (_, why, breaks) => {
    const { cluster, machines, join } = running(...apart)
    breaks()
    await expect(join(etcd)).rejects.toThrow(why)
    expect(removeMember).toHaveBeenCalledExactlyOnceWith(fakeLayout, machines[1]?.node, { host: 'c-new' })
    expect(engine.asked).toEqual(['rm --force --volumes c-new'])
    expect(names(cluster)).toEqual(['c-cp', 'c-etcd'])
  })

  it('cannot be where etcd is on the control planes', async () => {
    const { cluster, join } = running(...stacked)
    await expect(join(etcd)).rejects.toMatchObject({
      exitCode: 2,
      message: 'c-new cannot join: etcd runs on the control planes of c',
    })
    expect(names(cluster)).toEqual(['c-cp'])
  })
})
