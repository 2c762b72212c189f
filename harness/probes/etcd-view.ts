import type { StartedCluster } from '../cluster.ts'
import { etcdNodes } from '../topology.ts'
import { memberStatus, type MemberStatus } from './etcd.ts'
import { EtcdError } from './etcd-gateway.ts'

/** What one machine's member says, or why it says nothing. */
export interface MemberView {
  readonly node: string
  readonly status: MemberStatus | null
  /** Empty where there is a status. */
  readonly error: string
}

/** All members of a cluster, each asked on its own machine. */
export interface EtcdView {
  readonly members: readonly MemberView[]
  /** Member id of the leader that a majority agrees on; null: there is none. */
  readonly leader: string | null
  readonly quorum: boolean
  /** How many entries lie between the member that is ahead and the one that is behind; null: none answers. */
  readonly indexSpread: number | null
}

/** Asks every machine that has a member. Members that do not answer are part of the view. */
export async function etcdView(cluster: Pick<StartedCluster, 'etcd' | 'nodes'>): Promise<EtcdView> {
  const members = await Promise.all(
    etcdNodes(cluster.nodes).map(async (node): Promise<MemberView> => {
      try {
        return { node: node.name, status: await memberStatus(cluster, node), error: '' }
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error
        return { node: node.name, status: null, error: error.message }
      }
    }),
  )
  return {
    members,
    leader: agreedLeader(members),
    quorum: hasQuorum(members),
    indexSpread: indexSpread(answering(members).map(({ raftIndex }) => raftIndex)),
  }
}

type Seen = readonly Pick<MemberView, 'status'>[]

/** The machine of the leader that a majority agrees on; undefined: there is none. */
export function leaderNode<T extends { readonly name: string }>(view: EtcdView, nodes: readonly T[]): T | undefined {
  const name = view.members.find(({ status }) => status !== null && status.memberId === view.leader)?.node
  return nodes.find((node) => node.name === name)
}

/** The leader that more than half of the voters name in the same term; one that does not answer votes for nobody. */
export function agreedLeader(members: Seen): string | null {
  const voters = members.filter(({ status }) => status?.learner !== true)
  const votes = new Map<string, number>()
  for (const { leaderId, raftTerm } of answering(voters)) {
    if (leaderId === null) continue
    const vote = `${leaderId} ${raftTerm}`
    votes.set(vote, (votes.get(vote) ?? 0) + 1)
  }
  const [leader] = [...votes].find(([, count]) => count * 2 > voters.length) ?? []
  return leader?.split(' ')[0] ?? null
}

/**
 * Whether writes are possible: a majority of the voters agrees on a leader, and that leader answers too. Followers name
 * a leader that is gone until their election timeout.
 */
export function hasQuorum(members: Seen): boolean {
  const leader = agreedLeader(members)
  return leader !== null && answering(members).some(({ memberId }) => memberId === leader)
}

/** The distance between the highest and the lowest index; null where there is none. */
export function indexSpread(indexes: readonly number[]): number | null {
  return indexes.length === 0 ? null : Math.max(...indexes) - Math.min(...indexes)
}

/** One line for observations: `2 of 3 members answer, leader 8e9e05c52164694d; etcd-3: connection refused`. */
export function describeView({ members, leader, quorum }: EtcdView): string {
  const silent = members.filter(({ status }) => status === null)
  const head = `${members.length - silent.length} of ${members.length} members answer, `
  const who = leader === null ? 'no leader' : `leader ${leader}${quorum ? '' : ' does not answer'}`
  return [head + who, ...silent.map(({ node, error }) => `${node}: ${error}`)].join('; ')
}

function answering(members: Seen): MemberStatus[] {
  return members.flatMap(({ status }) => (status === null ? [] : [status]))
}
