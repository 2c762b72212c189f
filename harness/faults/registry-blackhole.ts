import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { tcpFromNode } from '../probes/tcp-packet.ts'
import { registryPort } from '../registry/registry-config.ts'
import { droppedOn, dropping } from './dropped-packets.ts'
import { type Fault, inject, type InjectedFault } from './fault.ts'
import { nftTable, uniqueTable } from './nft-table.ts'

export interface BlackholeOptions {
  /** The registry's port, which one packet is sent to; default HTTP's. All of its ports are cut off. */
  readonly port?: number
  /** Bytes a second that still come from the registry, to each node and to its pods; left out: none. */
  readonly rateBytesPerSecond?: number
  /** Bytes that come at once, beside those of the first second (the kernel's bucket holds both); default 128 KiB. */
  readonly burstBytes?: number
}

/** A bucket smaller than what a network device hands on at once (64 KiB) would let nothing large through. */
const defaultBurstBytes = 128 * 1_024

/**
 * Takes a registry away from nodes and from the pods on them: packets to its address are dropped and counted, also those
 * of pulls that are under way. A connection from each node shows at once that the rules drop.
 *
 * With a rate the registry is slow instead: a token bucket drops what comes from it too fast, and TCP slows down to it.
 * That shows once somebody pulls more than the bucket holds. A machine that boots has no rules any more.
 * @param address IPv4 address as the nodes see it
 */
export function registryBlackholeFault(
  nodes: readonly ClusterNode[],
  address: string,
  options: BlackholeOptions = {},
): Fault {
  const { port = registryPort, rateBytesPerSecond } = options
  return {
    name: rateBytesPerSecond === undefined ? 'registry-blackhole' : 'registry-slow',
    node: nodes.map(({ name }) => name).join(', '),
    available: (cluster) => cluster.capabilities.has('node-access') || 'no command can be run on its nodes',
    async inject() {
      const table = uniqueTable('registry')
      const text = nftTable(table, blackholeRules(address, options))
      const heal = await dropping(
        table,
        nodes.map((node) => [node, text] as const),
      )
      if (rateBytesPerSecond !== undefined) return { evidence: null, later: () => droppedOn(table, nodes), heal }
      const sent = await Promise.allSettled(nodes.map((node) => tcpFromNode(node, { ip: address, port })))
      const said = sent.map((result) => (result.status === 'fulfilled' ? result.value.said : String(result.reason)))
      const knocked = nodes.filter((_, index) => sent[index]?.status === 'fulfilled')
      const later = () => droppedOn(table, nodes, knocked)
      const dropped = await later()
      return { evidence: dropped === null ? null : { address, said, ...dropped }, later, heal }
    },
  }
}

/** Takes a registry away from nodes, or makes it slow for them. */
export function registryBlackhole(
  cluster: StartedCluster,
  nodes: readonly ClusterNode[],
  address: string,
  options: BlackholeOptions = {},
): Promise<InjectedFault> {
  return inject(cluster, registryBlackholeFault(nodes, address, options))
}

/** What drops packets to the address; with a rate, what of those from it comes too fast. */
export function blackholeRules(
  address: string,
  { rateBytesPerSecond, burstBytes = defaultBurstBytes }: BlackholeOptions = {},
) {
  if (rateBytesPerSecond === undefined) {
    const drop = `ip daddr ${address} counter drop`
    return { output: [drop], forward: [drop] }
  }
  const [rate, burst] = [rateBytesPerSecond, burstBytes].map(Math.round)
  const limit = `ip saddr ${address} limit rate over ${rate} bytes/second burst ${burst} bytes counter drop`
  return { input: [limit], forward: [limit] }
}
