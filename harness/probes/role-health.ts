import { messageOf } from '../error-message.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { etcdNodes, isKubernetesNode, type Role } from '../topology.ts'
import { memberHealth } from './etcd.ts'
import { etcdView } from './etcd-view.ts'
import { httpOnNode } from './http-on-node.ts'

/** One check of one machine, because of a role that it has. */
export interface NodeHealth {
  readonly node: string
  readonly role: Role
  readonly check: string
  readonly ok: boolean
  /** What was seen. */
  readonly detail: string
}

/**
 * A member further behind its leader has to be sent a snapshot.
 * Source: etcd server/etcdserver/server.go, DefaultSnapshotCatchUpEntries.
 */
const indexBound = 5_000

type Cluster = Pick<StartedCluster, 'nodes' | 'etcd'>

/** Every machine's health by the roles that it has, and by no others. Nothing is asked of the API as a whole. */
export async function roleHealth(cluster: Cluster): Promise<NodeHealth[]> {
  const [members, ...machines] = await Promise.all([
    etcdHealth(cluster),
    ...cluster.nodes.map(async (node) => [...(await apiServerHealth(node)), ...(await kubeletHealth(node))]),
  ])
  return [...members, ...machines.flat()]
}

/** What is not as it should be with etcd, a line each. */
export async function etcdAilments(cluster: Cluster): Promise<string[]> {
  const health = await etcdHealth(cluster)
  return health.filter(({ ok }) => !ok).map(({ node, check, detail }) => `${node}: ${check}: ${detail}`)
}

/** Every member answers reads that need a quorum, and none is far behind. Nothing where nobody can ask the members. */
async function etcdHealth(cluster: Cluster): Promise<NodeHealth[]> {
  if (cluster.etcd === null) return []
  const nodes = etcdNodes(cluster.nodes)
  const [view, healths] = await Promise.all([
    etcdView(cluster),
    Promise.all(nodes.map((node) => memberHealth(cluster, node))),
  ])
  const leader = view.members.find(({ status }) => status?.memberId === view.leader)?.status
  return nodes.flatMap(({ name }, index) => {
    const role = 'etcd'
    const { healthy = false, reason = '' } = healths[index] ?? {}
    const answers = { node: name, role, check: 'etcd /health', ok: healthy, detail: reason || 'healthy' } as const
    const status = view.members[index]?.status
    // A member that says nothing, or a cluster without a leader, is named by the first check.
    if (status === null || status === undefined || leader === null || leader === undefined) return [answers]
    const behind = Math.max(0, leader.raftIndex - status.raftIndex)
    const detail = `${behind} entries behind the leader, ${indexBound} at most`
    return [answers, { node: name, role, check: 'etcd raft index', ok: behind <= indexBound, detail }]
  })
}

/** The machine's own API server, not the one that answers for the cluster. Its RBAC lets anybody ask. */
async function apiServerHealth(node: ClusterNode): Promise<NodeHealth[]> {
  if (!node.roles.includes('control-plane')) return []
  const [answer] = await httpOnNode(node, ['https://127.0.0.1:6443/readyz?verbose'], ['--insecure'])
  const { status = 0, body = '', problem = '' } = answer ?? {}
  const failing = [...body.matchAll(/^\[-\](\S+)/gm)].map(([, name]) => name)
  const seen = failing.length > 0 ? `failing: ${failing.join(', ')}` : problem || `status ${status}`
  const base = { node: node.name, role: 'control-plane', check: 'kube-apiserver /readyz' } as const
  return [{ ...base, ok: status === 200, detail: status === 200 ? 'ready' : seen }]
}

const kubernetesUnits = ['containerd', 'kubelet'] as const

async function kubeletHealth(node: ClusterNode): Promise<NodeHealth[]> {
  if (!isKubernetesNode(node)) return []
  const role = node.roles.includes('control-plane') ? 'control-plane' : 'worker'
  const [units, [answer]] = await Promise.all([
    unitStates(node, kubernetesUnits),
    httpOnNode(node, ['http://127.0.0.1:10248/healthz']),
  ])
  const { status = 0, body = '', problem = '' } = answer ?? {}
  return [
    ...kubernetesUnits.map((unit) => {
      const state = units.get(unit) ?? 'unknown'
      return { node: node.name, role, check: `${unit} runs`, ok: state === 'active', detail: state } as const
    }),
    {
      node: node.name,
      role,
      check: 'kubelet /healthz',
      ok: status === 200,
      detail: problem || `${status} ${body}`.trim(),
    },
  ]
}

/**
 * What systemd says of each unit: `active`, `inactive`, `failed`, …; where it says nothing, because the machine is off
 * or hangs, why not.
 */
export async function unitStates<Unit extends string>(
  node: Pick<ClusterNode, 'exec'>,
  units: readonly Unit[],
): Promise<ReadonlyMap<Unit, string>> {
  try {
    // It ends with an error as soon as one of them is not active.
    const { stdout, stderr } = await node.exec(['systemctl', 'is-active', ...units], { reject: false })
    const states = stdout.trim().split('\n')
    return new Map(units.map((unit, index) => [unit, states[index]?.trim() || stderr.trim() || 'unknown']))
  } catch (error) {
    const why = messageOf(error)
    return new Map(units.map((unit) => [unit, why]))
  }
}
