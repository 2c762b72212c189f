import { lockTakenOver } from '../../harness/budgets/election.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { explainElection } from '../../harness/diagnosis/election.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { electionFacts } from '../../harness/probes/candidates.ts'
import { lockHolder } from '../../harness/probes/lock.ts'
import { mirrorInstances, selfClaims } from '../../harness/probes/mirror-instances.ts'
import { findsPeers, type Mirroring, neverUnready } from './mirroring.ts'

/** A machine that has joined; it leaves where it goes out of scope, unless it has left before. */
export interface Newcomer extends AsyncDisposable {
  readonly node: ClusterNode
  /** When it was part of the cluster, in milliseconds of the run's clock. */
  readonly since: number
}

/**
 * Lets a worker join and its instance of the mirror find the others, while those that were there before stay Ready;
 * whoever says that it leads is the one that holds the lock.
 */
export async function joinsMirror(mirroring: Mirroring, name: string): Promise<Newcomer> {
  const { cluster, mirror } = mirroring
  const before = (await mirrorInstances(cluster, mirror)).filter(({ ready }) => ready).map(({ pod }) => pod)
  const asked = cluster.journal.now()
  const node = await cluster.join({ name, roles: ['worker'], after: [] })
  const since = cluster.journal.now()
  const newcomer = {
    node,
    since,
    async [Symbol.asyncDispose]() {
      if (cluster.nodes.includes(node)) await cluster.leave(node)
    },
  }
  try {
    await mirror.prepare(node)
    await findsPeers(mirroring, since)
    neverUnready(mirroring, before, asked)
    await leadsTruly(mirroring)
    return newcomer
  } catch (error) {
    await newcomer[Symbol.asyncDispose]()
    throw error
  }
}

/** Who last said "leader is self", since the present holder took the lock, is that holder. */
export async function leadsTruly({ context, cluster, mirror }: Mirroring): Promise<void> {
  const { electorate } = mirror
  if (electorate === null || electorate.lock === null) return
  const holder = await context.eventually(`one of ${mirror.name} holds the lock`, {
    probe: () => lockHolder(cluster, electorate),
    until: (found) => found !== null && found.pod !== null,
    within: lockTakenOver(electorate.timing),
    describe: (found) => found?.pod?.metadata.name ?? 'nobody does',
    diagnose: async () => explainElection(await electionFacts(cluster, electorate)),
  })
  const claims = await selfClaims(cluster, mirror)
  const untrue = [...claims].filter(([pod, at]) => at > (holder?.takenAt ?? 0) && pod !== holder?.pod?.metadata.name)
  context.require('who takes itself for the leader holds the lock', untrue.length === 0, () =>
    diagnosis(
      'mirror.stale-leader',
      `${untrue.map(([pod]) => pod).join(', ')} took itself for the leader; ${holder?.pod?.metadata.name ?? 'nobody'} holds the lock`,
    ),
  )
}
