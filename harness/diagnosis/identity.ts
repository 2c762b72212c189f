import type { StartedCluster } from '../cluster.ts'
import { machineNames, type MemberIdentity, memberIdentities, nodeNames } from '../probes/identity.ts'
import { ailments } from '../probes/health.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/** The first thing that is wrong with who is who, from the bottom up: a member of etcd, a Node, a machine. */
export async function diagnoseIdentity(cluster: StartedCluster): Promise<Diagnosis> {
  const members = await memberIdentities(cluster).catch(() => [])
  const names = await nodeNames(cluster).catch(() => [])
  return (
    memberMismatch(members) ??
    memberTwice(members) ??
    strangeNode(cluster, names) ??
    diagnosis(
      'identity.node-not-ready',
      (await ailments(cluster).catch((error: unknown) => [String(error)])).join('; '),
    )
  )
}

/** A member that has or had another name than its machine; null: none. */
export function memberMismatch(members: readonly MemberIdentity[]): Diagnosis | null {
  const wrong = members.filter(({ machine, names }) => machine !== null && names.some((name) => name !== machine))
  if (wrong.length === 0) return null
  const each = wrong.map(
    ({ id, machine, names }) => `member ${id} has been named ${names.join(', then ')}; its machine is named ${machine}`,
  )
  return diagnosis('identity.member-name-mismatch', each.join('; '))
}

/** A member that no machine runs; null: none. */
export function memberTwice(members: readonly MemberIdentity[]): Diagnosis | null {
  const stray = members.filter(({ machine }) => machine === null)
  if (stray.length === 0) return null
  const each = stray.map(({ id, names }) => `${id} (${names.join(', ') || 'never named'})`)
  return diagnosis('identity.duplicate-member', `no machine runs the member ${each.join(', ')}`)
}

/** A Node that is no machine of the cluster; null: none. */
export function strangeNode(cluster: Pick<StartedCluster, 'nodes'>, nodes: readonly string[]): Diagnosis | null {
  const machines = machineNames(cluster)
  const strange = nodes.filter((name) => !machines.includes(name))
  if (strange.length === 0) return null
  return diagnosis(
    'identity.duplicate-node',
    `Nodes that are no machine: ${strange.join(', ')}; the machines are ${machines.join(', ')}`,
  )
}
