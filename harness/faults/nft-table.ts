import type { ClusterNode } from '../nodes/node.ts'
import { CommandError } from '../process.ts'
import { MissingCapability } from './fault.ts'

type Hook = 'input' | 'output' | 'forward'

/** Rules by the place where packets meet them: what the machine takes, what it sends, what it passes on for its pods. */
export type NftRules = Readonly<Partial<Record<Hook, readonly string[]>>>

/** Exit codes of a command that is not there: a shell's and the engine's. */
const notThere = new Set([126, 127])

let made = 0

/** A table's name that no other fault of this process has. */
export function uniqueTable(fault: string): string {
  made += 1
  return `inet clusterproof-${fault}-${made}`
}

/**
 * A table as `nft -f` reads it. Its chains come before those that close the egress (priority -10) and before everything
 * of iptables (0), after the translation of Services' addresses (-100); what its rules do not drop passes on.
 */
export function nftTable(table: string, rules: NftRules): string {
  const chains = Object.entries(rules).map(
    ([hook, lines]) =>
      `  chain ${hook} {
    type filter hook ${hook} priority -20; policy accept;
${lines.map((line) => `    ${line}`).join('\n')}
  }`,
  )
  return `table ${table} {\n${chains.join('\n')}\n}\n`
}

/**
 * Puts rules in force in the machine's own network namespace. They hold until they are removed or it boots.
 * @throws {MissingCapability} where the machine has no nft
 */
export async function loadTable(node: ClusterNode, text: string): Promise<void> {
  try {
    await node.exec(['nft', '-f', '-'], { input: text })
  } catch (error) {
    if (!(error instanceof CommandError) || !notThere.has(error.exitCode ?? 0)) throw error
    throw new MissingCapability(`${node.name} has no nft to drop packets with`, { cause: error })
  }
}

/** How many packets a table's counters have seen. */
export async function countedPackets(node: Pick<ClusterNode, 'exec'>, table: string): Promise<number> {
  const { stdout } = await node.exec(['nft', 'list', 'table', ...table.split(' ')])
  return [...stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, [, packets]) => sum + Number(packets), 0)
}

/** Takes a table away. A machine that was started anew, is off, or is gone has none any more. */
export async function removeTable(node: ClusterNode, table: string): Promise<void> {
  const { exitCode, stderr } = await node.exec(['nft', 'delete', 'table', ...table.split(' ')], { reject: false })
  if (exitCode === 0 || /No such file/i.test(stderr)) return
  if (!(await node.running().catch(() => false))) return
  throw new Error(`${node.name} still has the rules of table ${table}: ${stderr.trim()}`)
}
