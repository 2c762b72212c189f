import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GenericContainer } from 'testcontainers'
import { z } from 'zod'

import { type FakeCluster, fakeCluster } from '../fake-cluster.ts'
import { hostAddress } from '../nodes/machine-network.ts'
import { newRun } from '../run.ts'
import { type ClusterDefinitionInput, defineCluster } from '../topology.ts'
import { switchOn } from './k3s/bring-up.ts'
import { startLoadBalancer as startK3sLoadBalancer } from './k3s/load-balancer.ts'
import { planCluster as planK3s } from './k3s/plan.ts'
import { startLoadBalancer } from './kubeadm/load-balancer.ts'
import { createMachine } from './kubeadm/machines.ts'
import { planCluster } from './kubeadm/plan.ts'

vi.mock('../images/provide.ts', () => ({ provide: () => Promise.resolve({ reference: 'haproxy:3.2' }) }))

const bindings = z.object({
  hostConfig: z.object({
    PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() }))),
  }),
})

/** The ports of every container that the engine would have been asked for. */
let asked: z.infer<typeof bindings>['hostConfig']['PortBindings'][]
let cluster: FakeCluster

beforeEach(() => {
  asked = []
  cluster = fakeCluster(() => 0)
  vi.spyOn(GenericContainer.prototype, 'start').mockImplementation(function start(this: GenericContainer) {
    asked.push(bindings.parse(this).hostConfig.PortBindings)
    return Promise.reject(new Error('no container is started in this test'))
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await cluster[Symbol.asyncDispose]()
})

const network = { name: 'c', subnet: '10.9.0.0/24', address: (index: number) => hostAddress('10.9.0.0/24', 10 + index) }
const nodes: ClusterDefinitionInput['nodes'] = [
  { name: 'a', roles: ['control-plane', 'etcd'] },
  { name: 'b', roles: ['control-plane', 'etcd'] },
  { name: 'c', roles: ['control-plane', 'etcd'] },
  { name: 'worker', roles: ['worker'] },
]
const context = () => ({ run: newRun({ offline: true }), journal: cluster.journal, host: cluster.host })
const started = (promise: Promise<unknown>) => expect(promise).rejects.toThrow('no container is started')

/** kind's own are in kind-config.test.ts: kind is told `apiServerAddress`. */
describe('the ports of a cluster', () => {
  it.each([
    ['one control plane', nodes.filter(({ name }) => name === 'a' || name === 'worker')],
    ['several', nodes],
  ])('that kubeadm makes with %s are on the loopback alone, and only the API has one', async (_, of) => {
    const definition = defineCluster({ name: 'x', provider: 'kubeadm', nodes: of })
    const plan = planCluster('c', definition, network, { apiPort: 7443, token: '' })
    for (const machine of plan.machines) await started(createMachine(plan, machine, 'own/node:1', context()))
    if (plan.loadBalanced) await started(startLoadBalancer(plan, plan.machines, 'clusterproof/node:v1', context()))
    expect(asked.filter((ports) => Object.keys(ports).length > 0)).toEqual([
      { '6443/tcp': [{ HostIp: '127.0.0.1', HostPort: '7443' }] },
    ])
    expect(asked).toHaveLength(of.length + (plan.loadBalanced ? 1 : 0))
  })

  it('that k3s makes are on the loopback alone', async () => {
    const definition = defineCluster({ name: 'x', provider: 'k3s', nodes })
    const plan = planK3s('c', definition, network, { apiPort: 7443, token: '' })
    for (const machine of plan.machines) await started(switchOn(plan, machine, null, 'rancher/k3s:v1', context()))
    await started(startK3sLoadBalancer(plan, context()))
    const published = asked.flatMap((ports) => Object.values(ports).flat())
    expect(published.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1'])
    expect(published.at(-1)?.HostPort).toBe('7443')
  })
})
