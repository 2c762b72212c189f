import type { StartedCluster } from '../cluster.ts'
import { etcdView, leaderNode } from '../probes/etcd-view.ts'
import { askGateway, decimalId, EtcdError, gatewayJson } from '../probes/etcd-gateway.ts'

/** Asks the leader of etcd to hand its lead to the member with that id (hexadecimal). @throws {EtcdError} */
export async function transferLeadership(cluster: StartedCluster, memberId: string): Promise<void> {
  const leader = leaderNode(await etcdView(cluster), cluster.nodes)
  if (leader === undefined || cluster.etcd === null) throw new EtcdError(`etcd of ${cluster.name} has no leader`, 0)
  const body = { targetID: decimalId(memberId) }
  const [answer] = await askGateway(cluster.etcd, leader, ['/v3/maintenance/transfer-leadership'], body)
  if (answer !== undefined) gatewayJson(answer, 'transfer of the lead', leader)
}
