import type { ClusterNode } from '../nodes/node.ts'
import { countedPackets, loadTable, removeTable } from './nft-table.ts'

type Nodes = readonly ClusterNode[]

/**
 * Puts a table in force on several machines: on all of them or, where one does not take it, on none.
 * @returns what takes it away again
 */
export async function dropping(
  table: string,
  texts: readonly (readonly [ClusterNode, string])[],
): Promise<() => Promise<void>> {
  const heal = async () => {
    await Promise.all(texts.map(([node]) => removeTable(node, table)))
  }
  const loaded = await Promise.allSettled(texts.map(([node, text]) => loadTable(node, text)))
  const failure = loaded.find(({ status }) => status === 'rejected')
  if (failure?.status !== 'rejected') return heal
  await heal().catch(() => undefined)
  throw failure.reason
}

/**
 * How many packets each machine has dropped; null: none of them any, or none one of those that must have, because a packet
 * was sent from there. A machine that does not answer has no number.
 */
export async function droppedOn(
  table: string,
  nodes: Nodes,
  knocked: Nodes = [],
): Promise<{ readonly dropped: Readonly<Record<string, number | null>> } | null> {
  const counts = await Promise.all(
    nodes.map(async (node) => [node, await countedPackets(node, table).catch(() => null)] as const),
  )
  const silent = counts.some(([node, count]) => count === 0 && knocked.includes(node))
  if (silent || counts.every(([, count]) => count === null || count === 0)) return null
  return { dropped: Object.fromEntries(counts.map(([{ name }, count]) => [name, count])) }
}
