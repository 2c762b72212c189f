import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { nftTable, type NftRules } from '../../harness/faults/nft-table.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { beforeStart, onWorker, sabotageTable } from './machine-sabotage.ts'

/** The port of the API server on every control plane of this project. */
const apiPort = 6443

/** Rules that a worker has from its next boot on, before its kubelet starts. */
function ruled(rulesFor: (apiServer: string) => NftRules): Sabotage {
  return onWorker({
    strike: async (cluster, node) => beforeStart(node, 'kubelet', loading(rulesFor(await apiAddress(cluster, node)))),
    mend: '',
  })
}

/** A script that puts rules in force, in the place of those that it has put in force before. */
export function loading(rules: NftRules): string {
  const replaced = `table ${sabotageTable}\ndelete table ${sabotageTable}\n`
  return `nft -f - <<'RULES'\n${replaced}${nftTable(sabotageTable, rules)}RULES\n`
}

async function apiAddress(cluster: StartedCluster, node: ClusterNode): Promise<string> {
  const { name } = findNode(cluster, { role: 'control-plane' })
  const { stdout } = await node.exec(['getent', 'ahostsv4', name])
  const [address = ''] = stdout.split(/\s/)
  if (address === '') throw new Error(`${node.name} knows no address of ${name}`)
  return address
}

/** One direction alone: what goes the other way arrives. */
export function packetsLost(direction: 'from the API server' | 'to the API server'): Sabotage {
  return ruled((server) =>
    direction === 'from the API server'
      ? { input: [`ip saddr ${server} tcp sport ${apiPort} counter drop`] }
      : { output: [`ip daddr ${server} tcp dport ${apiPort} counter drop`] },
  )
}

/** Packets are lost by chance. The kernel has no netem everywhere; a rule that drops by a random number it has. */
export function shareLost(percent: number): Sabotage {
  return ruled((server) => ({
    input: [`ip saddr ${server} numgen random mod 100 < ${percent} counter drop`],
  }))
}

/** Larger than the packets that make a connection, smaller than the one that the API server greets with. */
const largestPacket = 600

/** A link with a smaller MTU than its ends believe, whose messages about it are lost too: large packets are not heard of. */
export const largePacketsLost: Sabotage = ruled((server) => ({
  input: [`ip saddr ${server} meta length > ${largestPacket} counter drop`],
}))

/** Whoever resolves names for the machine is out of reach; which that is, is known at its boot only. */
export const nameServersLost: Sabotage = onWorker({
  strike: (_, node) => beforeStart(node, 'kubelet', withoutNameServers),
  mend: '',
})

const withoutNameServers = `
servers=$(sed -n 's/^nameserver *\\([0-9.]*\\) *$/\\1/p' /etc/resolv.conf | paste -sd, -)
nft -f - <<RULES
table ${sabotageTable}
delete table ${sabotageTable}
${nftTable(sabotageTable, { output: ['ip daddr { $servers } counter drop'] })}RULES
`
