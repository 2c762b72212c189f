import { budget } from '../../budgets/budget.ts'
import type { EtcdLayout } from '../../cluster.ts'
import { eventually } from '../../eventually.ts'
import { judgedContext } from '../../faults/wait-context.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { askGateway, decimalId, EtcdError, gatewayJson } from '../../probes/etcd-gateway.ts'
import { etcdMembers } from '../../probes/etcd.ts'
import type { ProviderContext } from '../provider.ts'
import { peerUrl } from './etcd-member.ts'

/** A member that was added, and what it must be told of the others. */
export interface AddedLearner {
  /** Hexadecimal, as etcdctl prints it. */
  readonly id: string
  /** What etcd lists it as right after it was added. */
  readonly learner: boolean
  readonly others: readonly { readonly name: string; readonly host: string }[]
}

/** Adds a member without a vote. @throws {EtcdError} */
export async function addLearner(etcd: EtcdLayout, via: ClusterNode, host: string): Promise<AddedLearner> {
  const before = await etcdMembers({ etcd }, via, { linearizable: true })
  await ask(etcd, via, 'add', { peerURLs: [peerUrl(host)], isLearner: true })
  const after = await etcdMembers({ etcd }, via, { linearizable: true })
  const added = after.find((member) => !before.some(({ id }) => id === member.id))
  if (added === undefined) throw new EtcdError(`etcd added ${host}, and does not list it`, 0)
  return {
    id: added.id,
    learner: added.learner,
    others: before.map(({ name, peerUrls }) => ({ name, host: new URL(peerUrls[0] ?? '').hostname })),
  }
}

/** A learner is refused a vote until it has nine tenths of the leader's log: etcd's own condition. */
const caughtUp = budget({
  name: 'learner catches up',
  ms: 60_000,
  source: 'etcd server: readyPercentThreshold 0.9; a snapshot of a small cluster takes seconds',
})

/** Gives a learner its vote as soon as etcd agrees. */
export async function promoteLearner(
  etcd: EtcdLayout,
  via: ClusterNode,
  id: string,
  context: Pick<ProviderContext, 'journal' | 'host'>,
): Promise<void> {
  await eventually(judgedContext(context), `member ${id} has a vote`, {
    probe: async () => {
      try {
        await ask(etcd, via, 'promote', { ID: decimalId(id) })
      } catch (error) {
        // It has its vote already: the answer that said so was lost.
        if (!(error instanceof EtcdError && error.message.endsWith('can only promote a learner member'))) throw error
      }
      return true
    },
    until: (promoted) => promoted,
    within: caughtUp,
  })
}

/** Takes a member out, by its id or by the host of its peer URL. @throws {EtcdError} where there is none */
export async function removeMember(
  etcd: EtcdLayout,
  via: ClusterNode,
  which: string | { readonly host: string },
): Promise<void> {
  const id = typeof which === 'string' ? which : await memberOn(etcd, via, which.host)
  await ask(etcd, via, 'remove', { ID: decimalId(id) })
}

async function memberOn(etcd: EtcdLayout, via: ClusterNode, host: string): Promise<string> {
  const members = await etcdMembers({ etcd }, via, { linearizable: true })
  const found = members.find(({ peerUrls }) => peerUrls.includes(peerUrl(host)))
  if (found === undefined) throw new EtcdError(`etcd has no member at ${peerUrl(host)}`, 0)
  return found.id
}

/** etcd changes its members only once all of them have been connected to each other for a while. */
const connected = budget(
  { name: 'HealthInterval', ms: 5_000, source: 'etcd server/etcdserver/server.go HealthInterval' },
  { name: 'reconnection', ms: 10_000, source: 'etcd rafthttp: ConnReadTimeout 5 s, and one dial after it' },
)

/** Nobody but the caller wants to know of these looks. */
const unobserved = {
  now: () => performance.now(),
  begin: () => undefined,
  observe: () => undefined,
  record: () => undefined,
}

/** Asks for a change of the members, again while etcd says that they are not connected for long enough. */
async function ask(etcd: EtcdLayout, via: ClusterNode, action: string, body: object): Promise<void> {
  const refusal = await eventually(unobserved, `etcd on ${via.name} agrees to member ${action}`, {
    probe: () => askOnce(etcd, via, action, body),
    until: (error) => error === null || !error.message.includes('unhealthy cluster'),
    within: connected,
    describe: (error) => error?.message ?? 'it does',
  })
  if (refusal !== null) throw refusal
}

async function askOnce(etcd: EtcdLayout, via: ClusterNode, action: string, body: object): Promise<EtcdError | null> {
  try {
    const [answer] = await askGateway(etcd, via, [`/v3/cluster/member/${action}`], body)
    if (answer === undefined) throw new EtcdError(`etcd on ${via.name}: member ${action}: no answer`, 0)
    gatewayJson(answer, `member ${action}`, via)
    return null
  } catch (error) {
    if (error instanceof EtcdError) return error
    throw error
  }
}
