import type { JournalRecord } from '../journal.ts'
import type { EtcdMember, MemberStatus } from '../probes/etcd.ts'

/** What the journal keeps of a member. */
export interface MemberFacts {
  /** Empty: not started yet, or for a moment after a restart. */
  readonly name: string
  readonly learner: boolean
  /** The machine that it runs on; null: no machine that is known to. */
  readonly node: string | null
}

export interface LeaderFacts {
  /** Member id; null: there is no leader. */
  readonly id: string | null
  readonly name: string | null
  readonly term: number
}

/** What the members looked like at one moment. */
export interface EtcdPicture {
  /** By member id. */
  readonly members: ReadonlyMap<string, MemberFacts>
  /** Null: nobody has been asked yet. */
  readonly leader: LeaderFacts | null
}

/** A record to be written: `removed` has the facts that the member had last. */
export type EtcdChange =
  | { readonly kind: 'member' | 'removed'; readonly id: string; readonly data: MemberFacts }
  | { readonly kind: 'leader'; readonly data: LeaderFacts }

export const nothingSeen: EtcdPicture = { members: new Map(), leader: null }

/** Puts together what one member says. `machineOf` names the machine of a member. */
export function picture(
  members: readonly EtcdMember[],
  { leaderId, raftTerm }: Pick<MemberStatus, 'leaderId' | 'raftTerm'>,
  machineOf: (member: EtcdMember) => string | null,
): EtcdPicture {
  const leader = members.find(({ id }) => id === leaderId)
  return {
    members: new Map(
      members.map((member) => [member.id, { name: member.name, learner: member.learner, node: machineOf(member) }]),
    ),
    leader: { id: leaderId, name: leader?.name ?? null, term: raftTerm },
  }
}

/** What changed from one picture to the next, members first. */
export function etcdChanges(before: EtcdPicture, after: EtcdPicture): EtcdChange[] {
  const changes: EtcdChange[] = []
  for (const [id, data] of after.members) {
    if (!sameMember(before.members.get(id), data)) changes.push({ kind: 'member', id, data })
  }
  for (const [id, data] of before.members) {
    if (!after.members.has(id)) changes.push({ kind: 'removed', id, data })
  }
  const { leader } = latest(before, after)
  if (leader !== null && !sameLeader(before.leader, leader)) changes.push({ kind: 'leader', data: leader })
  return changes
}

/** The later picture, with the leader of the later term: a member that is cut off may still speak of an earlier one. */
export function latest(before: EtcdPicture, after: EtcdPicture): EtcdPicture {
  const stale = after.leader === null || after.leader.term < (before.leader?.term ?? 0)
  return stale ? { ...after, leader: before.leader } : after
}

function sameMember(before: MemberFacts | undefined, after: MemberFacts): boolean {
  return before?.name === after.name && before.learner === after.learner && before.node === after.node
}

/** A leader whose name comes to be known is still the same one; the term of no leader at all grows all the while. */
function sameLeader(before: LeaderFacts | null, after: LeaderFacts): boolean {
  return before?.id === after.id && (after.id === null || before.term === after.term)
}

/** Every name that each member was seen with, oldest first, by member id. A name that is empty is none. */
export function memberNames(records: readonly JournalRecord[]): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const { source, kind, subject, data } of records) {
    if (source !== 'etcd' || kind !== 'member') continue
    const id = subject.replace(/^member\//, '')
    const seen = names.get(id) ?? []
    names.set(id, seen)
    // `observeEtcd` alone writes records of this kind.
    const { name } = data as MemberFacts
    if (name !== '' && !seen.includes(name)) seen.push(name)
  }
  return names
}
