import type { InventoryFinding } from '../probes/inventory.ts'
import type { NodeHealth } from '../probes/role-health.ts'
import type { RoledCluster } from '../probes/role-expectations.ts'
import { etcdOnly } from '../topology.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/** What the user of a check that knows no roles has to read; null: it found nothing. */
export function diagnoseRoleBlind(cluster: RoledCluster, findings: readonly InventoryFinding[]): Diagnosis | null {
  const missing = findings.filter(({ problem }) => problem === 'missing')
  const byDesign = missing.filter(({ node }) => onlyEtcd(cluster, node))
  // Missing on a host that does need it: the check is right.
  if (byDesign.length < missing.length || byDesign.length === 0) return diagnoseInventory(cluster, findings)
  const hosts = unique(byDesign.map(({ node }) => node))
  const checks = unique(byDesign.map(({ item }) => (item === 'engine-client' ? noClient : item)))
  return diagnosis(
    'roles.unexpected-tooling',
    `${hosts.join(', ')} ${hosts.length === 1 ? 'has' : 'have'} the role etcd alone: with etcd_deployment_type: host ` +
      `there is no container engine and no kubelet there by design. The check that failed there (${checks.join(', ')}) ` +
      'must be limited to hosts of the groups kube_control_plane and kube_node',
  )
}

const noClient = 'nerdctl or crictl: No such file or directory, or no engine to speak to'

/** The first thing that is missing on a machine, or else there although its roles exclude it; null: nothing is wrong. */
export function diagnoseInventory(cluster: RoledCluster, findings: readonly InventoryFinding[]): Diagnosis | null {
  const missing = findings.filter(({ problem }) => problem === 'missing')
  if (missing.length > 0) return diagnosis('roles.missing-tooling', perNode(cluster, missing, 'lacks'))
  if (findings.length === 0) return null
  return diagnosis('roles.unexpected-tooling', perNode(cluster, findings, 'must not have'))
}

/** Every check of a role that fails; null: all are well. */
export function diagnoseRoleHealth(health: readonly NodeHealth[]): Diagnosis | null {
  const failing = health.filter(({ ok }) => !ok)
  if (failing.length === 0) return null
  const lines = failing.map(({ node, role, check, detail }) => `${node} (${role}): ${check}: ${detail}`)
  return diagnosis('roles.unhealthy-member', lines.join('; '))
}

/** `etcd-1 (etcd) must not have unit/kubelet, port/10250; cp (control-plane) …` */
function perNode(cluster: RoledCluster, findings: readonly InventoryFinding[], verb: string): string {
  const nodes = unique(findings.map(({ node }) => node))
  return nodes
    .map((node) => {
      const items = findings.filter((finding) => finding.node === node).map(({ item }) => item)
      const roles = cluster.nodes.find(({ name }) => name === node)?.roles.join(' and ') ?? 'no role'
      return `${node} (${roles}) ${verb} ${items.join(', ')}`
    })
    .join('; ')
}

function onlyEtcd({ nodes }: RoledCluster, name: string): boolean {
  return nodes.some((node) => node.name === name && etcdOnly(node))
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}
