import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { hostAddress } from '../../nodes/machine-network.ts'
import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { metadataAddress, planCluster, planMachine } from './plan.ts'

type NodeInput = ClusterDefinitionInput['nodes'][number]

const subnet = '172.18.0.0/16'
const network = { name: 'c', subnet, address: (index: number) => hostAddress(subnet, 10 + index) }
const settings = { apiPort: 7443, token: 'abcdef.0123456789abcdef' }

const plan = (...nodes: NodeInput[]) =>
  planCluster('c', defineCluster({ name: 'x', provider: 'kubeadm', nodes }), network, settings)

const controlPlane = (name: string): NodeInput => ({ name, roles: ['control-plane'] })
const worker: NodeInput = { name: 'worker', roles: ['worker'] }
const etcd = (name: string): NodeInput => ({ name, roles: ['etcd'] })

describe('planCluster', () => {
  it('reaches the API where the only control plane is, in whatever place it stands', () => {
    const { endpoint, loadBalanced, machines } = plan(worker, controlPlane('cp'))
    expect(loadBalanced).toBe(false)
    expect(endpoint).toEqual(machines[1])
    expect(endpoint.name).toBe('c-cp')
  })

  it('reaches the API at the load balancer where there are several control planes', () => {
    const { endpoint, loadBalanced } = plan(controlPlane('a'), worker, controlPlane('b'))
    expect(loadBalanced).toBe(true)
    expect(endpoint).toEqual({ name: 'c-load-balancer', address: '172.18.0.10' })
  })

  it('has the members of etcd on machines of its own where there are any, else on the control planes', () => {
    const apart = plan(etcd('e1'), controlPlane('cp'), etcd('e2'), worker)
    expect(apart.externalEtcd).toBe(true)
    expect(apart.etcd).toEqual([apart.machines[0], apart.machines[2]])
    const stacked = plan(controlPlane('a'), worker, { name: 'b', roles: ['control-plane', 'etcd'] })
    expect(stacked.externalEtcd).toBe(false)
    expect(stacked.etcd.map(({ name }) => name)).toEqual(['c-a', 'c-b'])
  })

  it('keeps the order of the definition, and what the cluster was given', () => {
    const made = plan(etcd('e'), controlPlane('cp'), worker)
    expect(made.machines.map(({ name, definition }) => [name, definition.name])).toEqual([
      ['c-e', 'e'],
      ['c-cp', 'cp'],
      ['c-worker', 'worker'],
    ])
    expect(made).toMatchObject({ name: 'c', ...settings, network: { subnet } })
  })

  it('cannot be without a control plane', () => {
    const definition = { ...defineCluster({ name: 'x', provider: 'kubeadm', nodes: [controlPlane('cp')] }), nodes: [] }
    expect(() => planCluster('c', definition, network, settings)).toThrow(new RangeError('x has no control plane'))
  })

  it('gives every address once: to machines, to those that join, to the load balancer and the metadata service', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(20), fc.nat(20), (controlPlanes, workers, joining) => {
        const nodes = Array.from({ length: controlPlanes + workers }, (_, index): NodeInput => {
          const role = index < controlPlanes ? 'control-plane' : 'worker'
          return { name: `n${index}`, roles: [role] }
        })
        const made = plan(...nodes)
        const joined = Array.from({ length: joining }, (_, index) =>
          planMachine('c', { ...worker, after: [] }, network, made.machines.length + index),
        )
        const addresses = [
          ...made.machines.map(({ address }) => address),
          ...joined.map(({ address }) => address),
          ...(made.loadBalanced ? [made.endpoint.address] : []),
          metadataAddress(network),
        ]
        expect(new Set(addresses).size).toBe(addresses.length)
      }),
    )
  })
})
