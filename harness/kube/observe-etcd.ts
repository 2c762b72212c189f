import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../error-message.ts'
import type { StartedCluster } from '../cluster.ts'
import type { Journal } from '../journal.ts'
import type { ClusterNode } from '../nodes/node.ts'
import {
  type EtcdMember,
  followMembersAndStatus,
  type MembersAndStatus,
  type MemberStatus,
  membersAndStatus,
} from '../probes/etcd.ts'
import { etcdNodes } from '../topology.ts'
import { etcdChanges, type EtcdPicture, latest, nothingSeen, picture } from './etcd-changes.ts'

export type { LeaderFacts, MemberFacts } from './etcd-changes.ts'
export { memberNames } from './etcd-changes.ts'

/** How far the member that was asked had got: source `etcd`, kind `index`, subject `raft/CLUSTER`. */
export interface RaftFacts {
  readonly member: string
  readonly raftIndex: number
  readonly term: number
  /** Member id; null: it knows of no leader. */
  readonly leader: string | null
}

/** Often enough to see a name that lives for a few seconds. */
const pollMs = 2_000

/** Looks with one command: starting it costs a tenth of a second of a processor, and all others some milliseconds. */
const looksAtOnce = 15

/**
 * Writes every change of etcd's members, of its leader and of its raft index into the journal until the signal aborts, by one
 * machine at a time. `nodes` may change meanwhile. A command that nobody hears any more ends on its machine by itself, within
 * half a minute.
 */
export async function observeEtcd(
  cluster: Pick<StartedCluster, 'name' | 'nodes' | 'etcd'>,
  journal: Journal,
  signal: AbortSignal,
  everyMs = pollMs,
): Promise<void> {
  if (cluster.etcd === null) return
  const watcher = new EtcdWatcher(cluster)
  let last = nothingSeen
  let lastIndex: RaftFacts | null = null
  let interrupted = false
  const take = ({ seen, status }: Look) => {
    for (const change of etcdChanges(last, seen)) {
      const subject = change.kind === 'leader' ? `etcd/${cluster.name}` : `member/${change.id}`
      journal.append('etcd', change.kind, subject, change.data)
    }
    last = latest(last, seen)
    const index = raftFacts(status)
    if (lastIndex?.raftIndex !== index.raftIndex || lastIndex.member !== index.member) {
      // A subject of its own: the last record of a subject is what a report knows of it when a scenario begins.
      journal.append('etcd', 'index', `raft/${cluster.name}`, index)
      lastIndex = index
    }
  }
  while (!signal.aborted) {
    try {
      take(await watcher.look(signal))
      interrupted = false
    } catch (error) {
      // Each poll would say it again, with other milliseconds in curl's words.
      if (!interrupted && !signal.aborted) {
        const reason = messageOf(error)
        journal.append('etcd', 'interrupted', `etcd/${cluster.name}`, reason)
      }
      interrupted = true
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
    await watcher.follow(everyMs, signal, take)
  }
}

function raftFacts({ memberId, raftIndex, raftTerm, leaderId }: MemberStatus): RaftFacts {
  return { member: memberId, raftIndex, term: raftTerm, leader: leaderId }
}

/** What a member said of all of them, and of itself. */
interface Look {
  readonly seen: EtcdPicture
  readonly status: MemberStatus
}

/** Asks one machine after the other, and learns which member each of them has. */
class EtcdWatcher {
  readonly #cluster: Pick<StartedCluster, 'nodes' | 'etcd'>
  /** Machine by member id, from the members themselves: URLs may have addresses, and names are what is observed. */
  readonly #machines = new Map<string, string>()
  #first: string | null = null
  /** Whether the last look was one by the machine that is asked next. */
  #isSettled = false

  constructor(cluster: Pick<StartedCluster, 'nodes' | 'etcd'>) {
    this.#cluster = cluster
  }

  /** What the first machine says whose member knows a leader, else what the first that answers says. */
  async look(signal: AbortSignal): Promise<Look> {
    this.#isSettled = false
    let leaderless: Look | null = null
    let problem: unknown = new Error('no machine has a member of etcd')
    for (const node of this.#order()) {
      if (signal.aborted) break
      try {
        const look = this.#understand(node, await membersAndStatus(this.#cluster, node))
        if (look.status.leaderId !== null) {
          this.#first = this.#next(look.seen, node)
          this.#isSettled = this.#first === node.name
          return look
        }
        leaderless ??= look
      } catch (error) {
        problem = error
      }
    }
    if (leaderless === null) throw problem
    return leaderless
  }

  /** Goes on with the machine that was asked last for some time, or until another one has to be asked. */
  async follow(pauseMs: number, signal: AbortSignal, take: (look: Look) => void): Promise<void> {
    const [node] = this.#order()
    if (node === undefined || !this.#isSettled || signal.aborted) return
    const following = followMembersAndStatus(this.#cluster, node, { times: looksAtOnce, pauseMs }, (answer) => {
      const look = this.#understand(node, answer)
      if (look.status.leaderId === null) throw new Error(`${node.name} knows no leader`)
      take(look)
      if (this.#next(look.seen, node) !== node.name) throw new Error('the machine of a member is not known yet')
    })
    signal.addEventListener('abort', following.kill, { once: true })
    // Why it ended is asked of all machines next.
    await following.done.catch(() => undefined)
    signal.removeEventListener('abort', following.kill)
  }

  #understand(node: ClusterNode, { members, status }: MembersAndStatus): Look {
    this.#machines.set(status.memberId, node.name)
    return { seen: picture(members, status, (member) => this.#machineOf(member)), status }
  }

  #order(): ClusterNode[] {
    const nodes = etcdNodes(this.#cluster.nodes)
    const start = Math.max(
      0,
      nodes.findIndex(({ name }) => name === this.#first),
    )
    return [...nodes.slice(start), ...nodes.slice(0, start)]
  }

  /** The same machine as long as it answers, or another one while there are members whose machine is not known. */
  #next({ members }: EtcdPicture, answered: ClusterNode): string {
    const known = new Set([...members.values()].map(({ node }) => node))
    if (!known.has(null)) return answered.name
    return etcdNodes(this.#cluster.nodes).find(({ name }) => !known.has(name))?.name ?? answered.name
  }

  #machineOf({ id, peerUrls, clientUrls }: EtcdMember): string | null {
    const learned = this.#machines.get(id)
    if (learned !== undefined) return learned
    const hosts = new Set([...peerUrls, ...clientUrls].map((url) => URL.parse(url)?.hostname))
    return this.#cluster.nodes.find(({ name }) => hosts.has(name))?.name ?? null
  }
}
