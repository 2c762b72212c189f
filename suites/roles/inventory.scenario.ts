import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseInventory, diagnoseRoleBlind } from '../../harness/diagnosis/roles.ts'
import { scenario } from '../../harness/fixtures.ts'
import { describeFinding, judgeInventory, roleBlindCheck, takeInventory } from '../../harness/probes/inventory.ts'
import { expectationsOf } from '../../harness/probes/role-expectations.ts'

/** Every machine has what its roles need, and nothing that they exclude. */
scenario('roles.inventory', { requires: ['etcd-nodes'] }, async ({ cluster, require, measure }) => {
  for (const node of cluster.nodes) {
    const expectations = expectationsOf(cluster, node)
    const findings = judgeInventory(await takeInventory(cluster, node), expectations)
    measure(`checks of ${node.name}`, expectations.must.length + expectations.mustNot.length, '')
    require(`${node.name} (${node.roles.join(', ')}) has what its roles need, and no more`, findings.length === 0, () =>
      diagnoseInventory(cluster, findings) ??
      diagnosis('roles.missing-tooling', findings.map(describeFinding).join('; ')))
  }
})

/** What Kubespray's users met: a check that takes every machine for a machine of Kubernetes. */
scenario(
  'roles.inventory-role-blind',
  { requires: ['etcd-nodes'], expected: { outcome: 'violates', diagnosis: 'roles.unexpected-tooling' } },
  async ({ cluster, require }) => {
    const inventories = await Promise.all(cluster.nodes.map((node) => takeInventory(cluster, node)))
    const findings = roleBlindCheck(inventories)
    require('every machine has a container engine, a kubelet and a Node object', findings.length === 0, () =>
      diagnoseRoleBlind(cluster, findings) ??
      diagnosis('roles.missing-tooling', findings.map(describeFinding).join('; ')))
  },
)
