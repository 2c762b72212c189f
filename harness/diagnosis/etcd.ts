import type { StartedCluster } from '../cluster.ts'
import { etcdView, type EtcdView, type MemberView } from '../probes/etcd-view.ts'
import { unitStates } from '../probes/role-health.ts'
import { etcdNodes } from '../topology.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

type Cluster = Pick<StartedCluster, 'etcd' | 'nodes'>

/** What is wrong with etcd: the quorum is lost, or a member is down; null: neither, or nobody can ask the members. */
export async function diagnoseEtcd(cluster: Cluster): Promise<Diagnosis | null> {
  return (await quorumLost(cluster)) ?? (await memberDown(cluster))
}

/** The quorum is lost: nothing above etcd can work, so that this is the cause whatever else is seen. */
export async function quorumLost(cluster: Cluster): Promise<Diagnosis | null> {
  if (cluster.etcd === null) return null
  const view = await etcdView(cluster)
  if (view.quorum) return null
  const { members } = view
  const refused = certificateRefused(view)
  if (refused !== null) return refused
  const silent = await silentMembers(cluster, view)
  const answer = `${members.length - silent.length} of ${members.length} members of etcd answer`
  // All of them there and no leader: they do not reach each other.
  const why = silent.length === 0 ? 'and they do not agree on a leader' : `not ${silent.join(', not ')}`
  return diagnosis('etcd.quorum-lost', `etcd has no quorum: ${answer}, ${why}`)
}

/** A member is down. With a quorum left this breaks nothing above etcd: it explains only what is etcd's own. */
export async function memberDown(cluster: Cluster): Promise<Diagnosis | null> {
  if (cluster.etcd === null) return null
  const view = await etcdView(cluster)
  const refused = certificateRefused(view)
  if (refused !== null) return refused
  const silent = await silentMembers(cluster, view)
  if (silent.length === 0) return null
  return diagnosis(
    'etcd.member-down',
    `${view.members.length - silent.length} of ${view.members.length} members of etcd answer, not ${silent.join(', not ')}`,
  )
}

/** Members that are there, and whose certificates their clients do not take; null: that is not what is wrong. */
export function certificateRefused({ members }: EtcdView): Diagnosis | null {
  const silent = members.filter(({ status }) => status === null)
  const refused = silent.filter(({ error }) => /certificate|x509/i.test(error))
  if (refused.length === 0 || refused.length < silent.length) return null
  return diagnosis('etcd.certificate-refused', refused.map(({ node, error }) => `${node}: ${error}`).join('; '))
}

/** Each member that does not answer, and what systemd says of it: `etcd-2 (etcd.service is failed: refused)`. */
function silentMembers(cluster: Cluster, { members }: EtcdView): Promise<string[]> {
  const silent = members.filter(({ status }) => status === null)
  return Promise.all(silent.map((member) => describeSilent(cluster, member)))
}

async function describeSilent({ etcd, nodes }: Cluster, { node: name, error }: MemberView): Promise<string> {
  const node = etcdNodes(nodes).find((candidate) => candidate.name === name)
  if (node === undefined || etcd === null || etcd.unit === null) return `${name} (${error})`
  const state = (await unitStates(node, [etcd.unit])).get(etcd.unit) ?? 'unknown'
  return `${name} (systemctl is-active ${etcd.unit}: ${state})`
}
