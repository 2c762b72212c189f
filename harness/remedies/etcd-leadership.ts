import type { StartedCluster } from '../cluster.ts'
import { etcdView } from '../probes/etcd-view.ts'
import { askGateway, EtcdError, gatewayJson } from '../probes/etcd-gateway.ts'

/** Asks the leader of etcd to hand its lead to the member with that id (hexadecimal). @throws {EtcdError} */
export async function transferLeadership(cluster: StartedCluster, memberId: string): Promise<void> {
  const view = await etcdView(cluster)
  const name = view.members.find(({ status }) => status !== null && status.memberId === view.leader)?.node
  const leader = cluster.nodes.find((node) => node.name === name)
  if (leader === undefined || cluster.etcd === null) throw new EtcdError(`etcd of ${cluster.name} has no leader`, 0)
  const body = { targetID: BigInt(`0x${memberId}`).toString() }
  const [answer] = await askGateway(cluster.etcd, leader, ['/v3/maintenance/transfer-leadership'], body)
  if (answer !== undefined) gatewayJson(answer, 'transfer of the lead', leader)
}
