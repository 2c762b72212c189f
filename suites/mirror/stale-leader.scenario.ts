import { budget } from '../../harness/budgets/budget.ts'
import { lockTakenOver } from '../../harness/budgets/election.ts'
import { instanceReady, peerFound } from '../../harness/budgets/mirror.ts'
import { findNodes } from '../../harness/cluster.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'
import { blockEgressNft } from '../../harness/faults/block-egress-nft.ts'
import { scenario } from '../../harness/fixtures.ts'
import { lockHolder } from '../../harness/probes/lock.ts'
import { mirrorFacts } from '../../harness/probes/mirror-facts.ts'
import { describeInstances, mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import type { MadeImage } from '../../harness/registry/image.ts'
import { restartDaemonSet } from '../../harness/remedies/restart-daemonset.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { joinsMirror } from './newcomer.ts'
import {
  connected,
  type InstallMirror,
  type Mirroring,
  newImage,
  obtains,
  pullsFromNeighbour,
  spegel,
  withMirror,
} from './mirroring.ts'

/**
 * Field failure 2 (spegel#333). A second machine joins; the first instance loses the API for as long as it takes another
 * to take its lock, and gets it back; then the second instance is replaced. Every instance must have a peer again, and
 * the second machine must get what only the first one has.
 */
function staleLeader(install: InstallMirror) {
  return (context: ScenarioContext): Promise<void> =>
    withMirror(context, install, async (mirroring) => {
      const { cluster } = mirroring
      const [first] = findNodes(cluster, {})
      if (first === undefined) throw new RangeError(`${cluster.name} has no machine`)
      const early = await newImage(mirroring, 'early')
      await obtains(mirroring, first, early)
      await using second = await joinsMirror(mirroring, 'joining-2')
      await pullsFromNeighbour(mirroring, second.node, early, { since: second.since })

      await renewalDisturbed(mirroring, first.name)
      const since = await instanceReplaced(mirroring, second.node.name)

      const late = await newImage(mirroring, 'late')
      await obtains(mirroring, first, late)
      const found = await pullsFromNeighbour(mirroring, second.node, late, { since })
      if (!found) await cured(mirroring, second.node.name, late)
    })
}

/** The instance of that machine cannot reach the API until another has taken the lock, or could have. */
async function renewalDisturbed({ context, cluster, mirror }: Mirroring, machine: string): Promise<void> {
  const { electorate } = mirror
  const instance = (await mirrorInstances(cluster, mirror)).find(({ node }) => node === machine)
  const node = cluster.nodes.find(({ name }) => name === machine)
  if (electorate === null || instance === undefined || node === undefined)
    throw new RangeError(`no instance on ${machine}`)
  const within = lockTakenOver(electorate.timing)
  await using fault = await blockEgressNft(cluster, [node], { pods: [instance.ip] })
  await context.given(`the instance of ${machine} is kept from the API until another holds the lock`, {
    probe: async () => ({
      holder: (await lockHolder(cluster, electorate))?.pod?.metadata.name ?? null,
      forMs: cluster.journal.now() - fault.injectedAt,
    }),
    // Where nobody is elected, as long as an election would have taken.
    until: ({ holder, forMs }) =>
      electorate.lock === null ? forMs > within.ms : holder !== null && holder !== instance.pod,
    within: budget(...within.terms, ...within.terms),
    describe: ({ holder, forMs }) => `${holder ?? 'nobody'} holds it after ${Math.round(forMs / 1_000)} s`,
  })
}

/** Replaces the instance of that machine. Returns when the new one is Ready, in milliseconds of the run's clock. */
async function instanceReplaced({ context, cluster, mirror }: Mirroring, machine: string): Promise<number> {
  const { electorate } = mirror
  const old = (await mirrorInstances(cluster, mirror)).find(({ node }) => node === machine)
  if (electorate === null || old === undefined) throw new RangeError(`no instance on ${machine}`)
  await cluster.api.delete(`/api/v1/namespaces/${electorate.namespace}/pods/${old.pod}`)
  await context.given(`the instance of ${machine} is replaced and Ready`, {
    probe: () => mirrorInstances(cluster, mirror),
    until: (instances) => instances.some(({ node, uid, ready }) => node === machine && uid !== old.uid && ready),
    within: instanceReady(electorate.startup),
    describe: describeInstances,
  })
  return cluster.journal.now()
}

/** The field's workaround: the DaemonSet is restarted, and every instance takes part in the election anew. */
async function cured(mirroring: Mirroring, machine: string, image: MadeImage): Promise<void> {
  const { context, cluster, mirror } = mirroring
  const { electorate } = mirror
  const node = cluster.nodes.find(({ name }) => name === machine)
  if (electorate === null || node === undefined) throw new RangeError(`no instance on ${machine}`)
  const before = new Set((await mirrorInstances(cluster, mirror)).map(({ uid }) => uid))
  const since = await restartDaemonSet(cluster, electorate)
  await context.eventually(`a restart of the DaemonSet ${electorate.daemonSet} connects the instances`, {
    probe: () => mirrorInstances(cluster, mirror),
    until: (instances) => connected(mirroring, instances) && instances.every(({ uid }) => !before.has(uid)),
    within: budget(...instanceReady(electorate.startup).terms, ...peerFound.terms),
    since,
    describe: describeInstances,
    diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror)),
  })
  if (
    await pullsFromNeighbour(mirroring, node, image, {
      since,
      within: budget(...instanceReady(electorate.startup).terms, ...peerFound.terms),
    })
  ) {
    context.measure('restart of the DaemonSet cures after', cluster.journal.now() - since, 'ms')
  }
}

scenario(
  'mirror.stale-leader-v0.0.14',
  {
    requires: ['join', 'containers', 'node-access'],
    expected: { outcome: 'violates', diagnosis: 'mirror.stale-leader' },
  },
  staleLeader(spegel('v0.0.14')),
)

scenario(
  'mirror.stale-leader-v0.7.4',
  { requires: ['join', 'containers', 'node-access'] },
  staleLeader(spegel('v0.7.4')),
)
