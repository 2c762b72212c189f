import { describe, expect, it } from 'vitest'

import { fakeLayout } from '../fake-etcd.ts'
import type { InventoryFinding } from '../probes/inventory.ts'
import type { Item } from '../probes/role-expectations.ts'
import { diagnoseInventory, diagnoseRoleBlind, diagnoseRoleHealth } from './roles.ts'

const cluster = {
  nodes: [
    { name: 'etcd-1', roles: ['etcd'] as const },
    { name: 'etcd-2', roles: ['etcd'] as const },
    { name: 'cp', roles: ['control-plane', 'worker'] as const },
  ],
  etcd: fakeLayout,
}
const missing = (node: string, item: Item): InventoryFinding => ({ node, item, problem: 'missing' })
const unexpected = (node: string, item: Item): InventoryFinding => ({ node, item, problem: 'unexpected' })

describe('diagnoseRoleBlind', () => {
  it('says what has to be read where a check expects Kubernetes on a host of etcd alone', () => {
    const findings = [
      missing('etcd-1', 'engine-client'),
      missing('etcd-1', 'unit/kubelet'),
      missing('etcd-2', 'unit/kubelet'),
    ]
    expect(diagnoseRoleBlind(cluster, findings)).toMatchObject({
      code: 'roles.unexpected-tooling',
      summary:
        'etcd-1, etcd-2 have the role etcd alone: with etcd_deployment_type: host there is no container engine and no ' +
        'kubelet there by design. The check that failed there (nerdctl or crictl: No such file or directory, or no ' +
        'engine to speak to, unit/kubelet) must be limited to hosts of the groups kube_control_plane and kube_node',
    })
    expect(diagnoseRoleBlind(cluster, findings.slice(0, 1))?.summary).toMatch(/^etcd-1 has the role etcd alone/)
  })

  it('takes the side of the check where a host of Kubernetes lacks something', () => {
    const findings = [missing('etcd-1', 'unit/kubelet'), missing('cp', 'unit/kubelet')]
    expect(diagnoseRoleBlind(cluster, findings)).toMatchObject({ code: 'roles.missing-tooling' })
    expect(diagnoseRoleBlind(cluster, [])).toBeNull()
    const tooMuch = [missing('etcd-1', 'unit/kubelet'), unexpected('cp', 'unit/etcd')]
    expect(diagnoseRoleBlind(cluster, tooMuch)).toMatchObject({ code: 'roles.unexpected-tooling' })
    expect(diagnoseRoleBlind(cluster, tooMuch)?.summary).not.toContain('unit/etcd')
  })
})

describe('diagnoseInventory', () => {
  it('names what is missing before what is too much', () => {
    const tooMuch = [unexpected('etcd-1', 'unit/kubelet'), unexpected('etcd-1', 'port/10250')]
    expect(diagnoseInventory(cluster, tooMuch)).toMatchObject({
      code: 'roles.unexpected-tooling',
      summary: 'etcd-1 (etcd) must not have unit/kubelet, port/10250',
    })
    expect(
      diagnoseInventory(cluster, [...tooMuch, missing('cp', 'object/Node'), missing('gone', 'port/1')]),
    ).toMatchObject({
      code: 'roles.missing-tooling',
      summary: 'cp (control-plane and worker) lacks object/Node; gone (no role) lacks port/1',
    })
    expect(diagnoseInventory(cluster, [])).toBeNull()
  })
})

describe('diagnoseRoleHealth', () => {
  it('names every check that fails', () => {
    const well = { node: 'cp', role: 'control-plane', check: 'kubelet runs', ok: true, detail: 'active' } as const
    const ill = { node: 'etcd-1', role: 'etcd', check: 'etcd /health', ok: false, detail: 'RAFT NO LEADER' } as const
    expect(diagnoseRoleHealth([well])).toBeNull()
    expect(diagnoseRoleHealth([well, ill])).toMatchObject({
      code: 'roles.unhealthy-member',
      summary: 'etcd-1 (etcd): etcd /health: RAFT NO LEADER',
    })
    expect(diagnoseRoleHealth([ill, well, { ...ill, node: 'etcd-2' }])?.summary).toBe(
      'etcd-1 (etcd): etcd /health: RAFT NO LEADER; etcd-2 (etcd): etcd /health: RAFT NO LEADER',
    )
  })
})
