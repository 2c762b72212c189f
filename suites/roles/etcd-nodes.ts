import type { StartedCluster } from '../../harness/cluster.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { etcdView, leaderNode } from '../../harness/probes/etcd-view.ts'
import { etcdNodes } from '../../harness/topology.ts'

/** The machines with a member of etcd, by what they are to each other now. */
export interface Members {
  readonly leader: ClusterNode
  readonly followers: readonly ClusterNode[]
}

/** @throws {Error} where there is no leader that a majority agrees on: then nothing can be said of a fault */
export async function members(cluster: StartedCluster): Promise<Members> {
  const nodes = etcdNodes(cluster.nodes)
  const leader = leaderNode(await etcdView(cluster), nodes)
  if (leader === undefined) throw new Error(`etcd of ${cluster.name} has no leader`)
  return { leader, followers: nodes.filter((node) => node !== leader) }
}
