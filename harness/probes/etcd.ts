import { z } from 'zod'

import type { EtcdLayout, StartedCluster } from '../cluster.ts'
import { MissingCapability } from '../faults/fault.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { StreamHandle } from '../process.ts'
import { askGateway, askGatewayRepeatedly, EtcdError, gatewayJson, parseJson } from './etcd-gateway.ts'
import type { HttpAnswer, Repetition } from './http-on-node.ts'

/** What it takes to ask the members of a cluster. */
export type EtcdAccess = Pick<StartedCluster, 'etcd'>
type Asked = Pick<ClusterNode, 'name' | 'exec'>

export interface EtcdMember {
  /** As etcdctl prints it: hexadecimal, without leading zeros. */
  readonly id: string
  /** Empty until the member has started for the first time, and for a moment after a restart. */
  readonly name: string
  readonly learner: boolean
  readonly peerUrls: readonly string[]
  readonly clientUrls: readonly string[]
}

export interface MemberStatus {
  readonly memberId: string
  /** Null: it knows of no leader. */
  readonly leaderId: string | null
  readonly raftIndex: number
  readonly raftAppliedIndex: number
  readonly raftTerm: number
  readonly dbSizeBytes: number
  readonly version: string
  readonly learner: boolean
}

export interface MemberHealth {
  /** It answers reads that need a quorum. */
  readonly healthy: boolean
  /** It answers reads from what it has itself. */
  readonly serializable: boolean
  /** Its own words, or why it did not answer; empty: healthy. */
  readonly reason: string
}

/** The gateway leaves out what is zero, empty or false, and sends 64-bit numbers as strings. */
const id = z
  .string()
  .default('0')
  .transform((decimal) => BigInt(decimal).toString(16))
const count = z.string().default('0').transform(Number)
const texts = z.array(z.string()).default([])

const memberSchema = z
  .object({
    ID: id,
    name: z.string().default(''),
    isLearner: z.boolean().default(false),
    peerURLs: texts,
    clientURLs: texts,
  })
  .transform(({ ID, name, isLearner, peerURLs, clientURLs }): EtcdMember => ({
    id: ID,
    name,
    learner: isLearner,
    peerUrls: peerURLs,
    clientUrls: clientURLs,
  }))

const memberListSchema = z.object({ members: z.array(memberSchema).default([]) })

const statusSchema = z
  .object({
    header: z.object({ member_id: id }),
    leader: id,
    raftIndex: count,
    raftAppliedIndex: count,
    raftTerm: count,
    dbSize: count,
    version: z.string().default(''),
    isLearner: z.boolean().default(false),
  })
  .transform(({ header, leader, dbSize, isLearner, raftIndex, raftAppliedIndex, raftTerm, version }): MemberStatus => ({
    memberId: header.member_id,
    leaderId: leader === '0' ? null : leader,
    raftIndex,
    raftAppliedIndex,
    raftTerm,
    dbSizeBytes: dbSize,
    version,
    learner: isLearner,
  }))

const healthSchema = z.object({ health: z.string().default('false'), reason: z.string().default('') })

const memberListPath = '/v3/cluster/member/list'
const statusPath = '/v3/maintenance/status'

/**
 * The members as the one on `via` knows them: without quorum too, and then perhaps as they were, unless
 * `linearizable` asks for what the majority has agreed on.
 * @throws {EtcdError} where it does not answer
 */
export async function etcdMembers(
  cluster: EtcdAccess,
  via: Asked,
  { linearizable = false }: { readonly linearizable?: boolean } = {},
): Promise<EtcdMember[]> {
  const [answer] = await askGateway(layout(cluster), via, [memberListPath], { linearizable })
  return read(memberListSchema, answer, 'member list', via).members
}

/** The status of the machine's own member. @throws {EtcdError} where it does not answer */
export async function memberStatus(cluster: EtcdAccess, node: Asked): Promise<MemberStatus> {
  const [answer] = await askGateway(layout(cluster), node, [statusPath], {})
  return read(statusSchema, answer, 'status', node)
}

/** What `etcdMembers` and `memberStatus` say. */
export interface MembersAndStatus {
  readonly members: readonly EtcdMember[]
  readonly status: MemberStatus
}

/** Both with one process on the machine. @throws {EtcdError} */
export async function membersAndStatus(cluster: EtcdAccess, node: Asked): Promise<MembersAndStatus> {
  // An empty body asks for the member list without quorum.
  return readBoth(await askGateway(layout(cluster), node, bothPaths, {}), node)
}

/** Both several times, with one command on the machine, which ends as soon as the member does not answer. */
export function followMembersAndStatus(
  cluster: EtcdAccess,
  node: Pick<ClusterNode, 'name' | 'stream'>,
  repetition: Repetition,
  onLook: (look: MembersAndStatus) => void,
): StreamHandle {
  return askGatewayRepeatedly(layout(cluster), node, bothPaths, repetition, (answers) =>
    onLook(readBoth(answers, node)),
  )
}

const bothPaths = [memberListPath, statusPath]

function readBoth([list, status]: readonly HttpAnswer[], node: Pick<ClusterNode, 'name'>): MembersAndStatus {
  return {
    members: read(memberListSchema, list, 'member list', node).members,
    status: read(statusSchema, status, 'status', node),
  }
}

/** Whether the machine's member serves. One that does not answer is an observation and no error. */
export async function memberHealth(cluster: EtcdAccess, node: Asked): Promise<MemberHealth> {
  const [whole, own] = await askGateway(layout(cluster), node, ['/health', '/health?serializable=true'])
  const healthy = healthOf(whole)
  const serializable = healthOf(own)
  return {
    healthy: healthy.ok,
    serializable: serializable.ok,
    reason: [...new Set([healthy.reason, serializable.reason])].filter((text) => text !== '').join('; '),
  }
}

function healthOf(answer: HttpAnswer | undefined): { readonly ok: boolean; readonly reason: string } {
  if (answer === undefined || answer.status === 0) return { ok: false, reason: answer?.problem || 'no answer' }
  const { success, data } = healthSchema.safeParse(parseJson(answer.body))
  if (!success) return { ok: false, reason: `${answer.status} ${answer.body.slice(0, 200)}` }
  const ok = data.health === 'true'
  return { ok, reason: ok ? '' : data.reason || `${answer.status} unhealthy` }
}

function read<T>(
  schema: z.ZodType<T>,
  answer: HttpAnswer | undefined,
  what: string,
  node: Pick<ClusterNode, 'name'>,
): T {
  if (answer === undefined) throw new EtcdError(`etcd on ${node.name}: ${what}: no answer`, 0)
  const parsed = schema.safeParse(gatewayJson(answer, what, node))
  if (parsed.success) return parsed.data
  throw new EtcdError(`etcd on ${node.name}: ${what}: ${z.prettifyError(parsed.error)}`, answer.status, {
    cause: parsed.error,
  })
}

/** @throws {MissingCapability} where nobody can ask the members */
function layout({ etcd }: EtcdAccess): EtcdLayout {
  if (etcd === null) throw new MissingCapability('the members of etcd cannot be asked')
  return etcd
}
