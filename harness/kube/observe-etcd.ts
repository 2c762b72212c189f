import { setTimeout as delay } from 'node:timers/promises'

import type { StartedCluster } from '../cluster.ts'
import type { Journal } from '../journal.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { type EtcdMember, membersAndStatus } from '../probes/etcd.ts'
import { etcdNodes } from '../topology.ts'
import { etcdChanges, type EtcdPicture, latest, nothingSeen, picture } from './etcd-changes.ts'

export type { LeaderFacts, MemberFacts } from './etcd-changes.ts'
export { memberNames } from './etcd-changes.ts'

/** A process on a node costs more than the answer: often enough to see a name that lives for a few seconds. */
const pollMs = 2_000

/**
 * Writes every change of etcd's members and of its leader into the journal until the signal aborts, with one process on
 * one machine at a time. Resolves once the last of them has ended; `nodes` may change meanwhile.
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
  let interrupted = false
  while (!signal.aborted) {
    try {
      const seen = await watcher.look(signal)
      for (const change of etcdChanges(last, seen)) {
        const subject = change.kind === 'leader' ? `etcd/${cluster.name}` : `member/${change.id}`
        journal.append('etcd', change.kind, subject, change.data)
      }
      last = latest(last, seen)
      interrupted = false
    } catch (error) {
      // Each poll would say it again, with other milliseconds in curl's words.
      if (!interrupted && !signal.aborted) {
        const reason = error instanceof Error ? error.message : String(error)
        journal.append('etcd', 'interrupted', `etcd/${cluster.name}`, reason)
      }
      interrupted = true
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Asks one machine after the other, and learns which member each of them has. */
class EtcdWatcher {
  readonly #cluster: Pick<StartedCluster, 'nodes' | 'etcd'>
  /** Machine by member id, from the members themselves: URLs may have addresses, and names are what is observed. */
  readonly #machines = new Map<string, string>()
  #first: string | null = null

  constructor(cluster: Pick<StartedCluster, 'nodes' | 'etcd'>) {
    this.#cluster = cluster
  }

  /** What the first machine says whose member knows a leader, else what the first that answers says. */
  async look(signal: AbortSignal): Promise<EtcdPicture> {
    let leaderless: EtcdPicture | null = null
    let problem: unknown = new Error('no machine has a member of etcd')
    for (const node of this.#order()) {
      if (signal.aborted) break
      try {
        const { members, status } = await membersAndStatus(this.#cluster, node)
        this.#machines.set(status.memberId, node.name)
        const seen = picture(members, status, (member) => this.#machineOf(member))
        if (status.leaderId !== null) {
          this.#first = this.#next(seen, node)
          return seen
        }
        leaderless ??= seen
      } catch (error) {
        problem = error
      }
    }
    if (leaderless === null) throw problem
    return leaderless
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
