import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault } from './fault.ts'
import { countedPackets, loadTable, nftTable, removeTable } from './nft-table.ts'

const table = 'inet clusterproof-partition'

/** Machines that have something to say to each other say it within this: etcd's heartbeats, and TCP's repetitions. */
const traffic = budget({ name: 'traffic that is cut', ms: 10_000, source: 'etcd heartbeat-interval 100 ms; TCP RTO' })

/**
 * Cuts a machine off from others, in both directions, with nftables in its own network namespace. It counts as struck
 * once a packet was dropped; healing removes the rules.
 */
export function partitionFault(node: ClusterNode, others: readonly ClusterNode[]): Fault {
  return {
    name: 'partition',
    node: node.name,
    available: (cluster) => cluster.capabilities.has('node-access') || 'no command can be run on its nodes',
    async inject(cluster) {
      const addresses = await Promise.all(others.map((other) => addressOf(node, other)))
      await using undo = new AsyncDisposableStack()
      await loadTable(node, partitionRules(addresses))
      undo.defer(() => removeTable(node, table))
      const dropped = await awaitEvidence(cluster, 'partition', `${node.name} loses packets`, {
        probe: () => countedPackets(node, table),
        until: (packets) => packets > 0,
        within: traffic,
      })
      const struck = undo.move()
      return { evidence: { from: others.map(({ name }) => name), dropped }, heal: () => struck.disposeAsync() }
    },
  }
}

/** Cuts a machine off from others. */
export function partition(
  cluster: StartedCluster,
  node: ClusterNode,
  others: readonly ClusterNode[],
): Promise<InjectedFault> {
  return inject(cluster, partitionFault(node, others))
}

/** Rules that drop every packet from and to these addresses, also of pods; each drop is counted. */
export function partitionRules(addresses: readonly string[]): string {
  const set = `{ ${addresses.join(', ')} }`
  const [from, to] = [`ip saddr ${set} counter drop`, `ip daddr ${set} counter drop`]
  return nftTable(table, { input: [from], output: [to], forward: [from, to] })
}

async function addressOf(node: ClusterNode, other: ClusterNode): Promise<string> {
  const { stdout } = await node.exec(['getent', 'ahostsv4', other.name])
  const [address = ''] = stdout.split(/\s/)
  if (address === '') throw new Error(`${node.name} knows no address of ${other.name}`)
  return address
}
