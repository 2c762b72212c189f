import { describe, expect, it } from 'vitest'

import { MissingCapability } from '../../faults/fault.ts'
import { type ClusterDefinitionInput, defineCluster } from '../../topology.ts'
import { checkJoin } from './membership.ts'
import { planMachine } from './plan.ts'

type Roles = ClusterDefinitionInput['nodes'][number]['roles']

const network = { name: 'k', subnet: '172.18.0.0/16', address: (index: number) => `172.18.0.${index}` }

/** Whether a machine with those roles may join a cluster of machines with these. */
function join(present: readonly Roles[], roles: Roles, name = 'new'): void {
  const nodes = present.map((own, index) => ({ name: `n${index}`, roles: own }))
  const definition = defineCluster({ name: 'k', provider: 'k3s', nodes })
  const machine = planMachine('k', definition, { name, roles, after: [] }, network, nodes.length)
  checkJoin(
    { name: 'k', definition },
    machine,
    nodes.map((node) => ({ name: `k-${node.name}` })),
  )
}

describe('checkJoin', () => {
  it.each<[readonly Roles[], Roles]>([
    [[['control-plane']], ['worker']],
    [[['control-plane', 'etcd']], ['control-plane']],
    [[['etcd'], ['control-plane']], ['etcd']],
    [[['etcd'], ['control-plane']], ['control-plane']],
  ])('lets a machine join %j with the roles %j', (present, roles) => {
    expect(() => join(present, roles)).not.toThrow()
  })

  it.each<[readonly Roles[], Roles, string]>([
    [[['control-plane'], ['worker']], ['control-plane'], 'k has one server for life: its datastore is SQLite'],
    [[['control-plane', 'etcd']], ['etcd'], 'k has etcd on its control planes and on no other machines'],
  ])('cannot add to %j one with the roles %j', (present, roles, message) => {
    expect(() => join(present, roles)).toThrow(new MissingCapability(message))
  })

  it('refuses a name that is taken', () => {
    expect(() => join([['control-plane']], ['worker'], 'n0')).toThrow(
      expect.objectContaining({ exitCode: 2, message: 'k has a machine named k-n0 already' }),
    )
  })
})
