import type { StartedCluster } from '../cluster.ts'
import { type ApiServerAddress, apiServerEndpoints, apiServerService } from '../kube/api-server.ts'
import type { Node } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { sendingPods } from '../probes/sending-pods.ts'
import { tcpFromPod } from '../probes/tcp-packet.ts'
import { isKubernetesNode } from '../topology.ts'
import { droppedOn, dropping } from './dropped-packets.ts'
import { type Fault, inject, type InjectedFault } from './fault.ts'
import { nftTable, uniqueTable } from './nft-table.ts'

export interface BlockedPods {
  /** IPv4 addresses of the pods that are hindered; left out: all that the nodes give their pods (`spec.podCIDRs`). */
  readonly pods?: readonly string[]
}

/**
 * Keeps pods on these nodes from the API servers, by rules that no object of the API tells of: packets to a server's
 * address and port are dropped once the Service's address has been translated, those of connections that there are too.
 * A server on the pod's own node is met in the input hook, any other in the forward hook. Pods on the host's network are
 * not hindered, nor is the node itself. A machine that boots has no rules any more.
 *
 * A packet is sent from a pod of each node, so that the counters show at once that the rules drop: they must on each node
 * that it was sent from. Where there is no pod to send from, the counters are looked at later, and at the latest before it
 * is healed.
 */
export function blockEgressNftFault(nodes: readonly ClusterNode[], { pods }: BlockedPods = {}): Fault {
  const kubelets = nodes.filter(isKubernetesNode)
  return {
    name: 'block-egress-nft',
    node: kubelets.map(({ name }) => name).join(', '),
    available: (cluster) => cluster.capabilities.has('node-access') || 'no command can be run on its nodes',
    async inject(cluster) {
      const [servers, service] = await Promise.all([apiServerEndpoints(cluster), apiServerService(cluster)])
      const table = uniqueTable('block-egress')
      const texts = await Promise.all(
        kubelets.map(async (node) => {
          const from = pods ?? (await podRanges(cluster, node))
          return [node, nftTable(table, blockingRules(from, servers))] as const
        }),
      )
      await using undo = new AsyncDisposableStack()
      undo.defer(await dropping(table, texts))
      const knocks = await Promise.all(kubelets.map((node) => knock(cluster, node, service, pods)))
      const sent = knocks.flatMap(({ said }) => said ?? [])
      const knocked = kubelets.filter((_, index) => knocks[index]?.sent === true)
      const later = () => droppedOn(table, kubelets, knocked)
      const dropped = await later()
      const struck = undo.move()
      return {
        evidence: dropped === null ? null : { servers, pods: pods ?? 'all', sent, ...dropped },
        later,
        heal: () => struck.disposeAsync(),
      }
    },
  }
}

/** Keeps pods on these nodes from the API servers. */
export function blockEgressNft(
  cluster: StartedCluster,
  nodes: readonly ClusterNode[],
  blocked: BlockedPods = {},
): Promise<InjectedFault> {
  return inject(cluster, blockEgressNftFault(nodes, blocked))
}

/** What drops packets from these addresses or ranges to the API servers. */
export function blockingRules(from: readonly string[], servers: readonly ApiServerAddress[]) {
  const rules = servers.map(
    ({ ip, port }) => `ip saddr { ${from.join(', ')} } ip daddr ${ip} tcp dport ${port} counter drop`,
  )
  return { input: rules, forward: rules }
}

/** @throws {Error} where the node has no range of IPv4 addresses for its pods: another way to give them out */
async function podRanges({ api }: StartedCluster, { name }: ClusterNode): Promise<string[]> {
  const { spec } = await api.get<Node>(`/api/v1/nodes/${name}`)
  const ranges = (spec?.podCIDRs ?? []).filter((range) => !range.includes(':'))
  if (ranges.length === 0) throw new Error(`${name} has no spec.podCIDRs: name the pods that are to be hindered`)
  return ranges
}

/** What became of a packet for the API from a pod of a node. */
interface Knock {
  readonly sent: boolean
  /** Left out: there is no pod to send it from. */
  readonly said?: string
}

/** Sends one. A pod that is gone by then sends nothing. */
async function knock(
  cluster: StartedCluster,
  node: ClusterNode,
  to: ApiServerAddress,
  only: readonly string[] | undefined,
): Promise<Knock> {
  const pods = await sendingPods(cluster, `/api/v1/pods?fieldSelector=spec.nodeName=${node.name}`)
  const sender = pods.find((pod) => pod.node === node && (only === undefined || only.includes(pod.ip)))
  if (sender === undefined) return { sent: false }
  const from = `${sender.name} (${sender.ip})`
  try {
    const { passed, said } = await tcpFromPod(node, sender.ip, to)
    return { sent: true, said: `${from}: ${passed ? 'passed' : said}` }
  } catch (error) {
    return { sent: false, said: `${from}: ${String(error)}` }
  }
}
