import { budget } from '../../harness/budgets/budget.ts'
import { controlPlaneElection, lockTakenAgain, lockTakenOver } from '../../harness/budgets/election.ts'
import { findNodes, type StartedCluster } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { formatDuration } from '../../harness/duration.ts'
import { killProcess } from '../../harness/faults/kill-process.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { containerLog } from '../../harness/probes/container-log.ts'
import { electionEvents } from '../../harness/probes/election-log.ts'
import { leaseTerms, overlaps } from '../../harness/probes/lease-terms.ts'
import { held, leaseState } from '../../harness/probes/leases.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'

/** A watch event, and a line of a log. */
const recorded = budget({
  name: 'records',
  ms: 10_000,
  source: 'harness: the journal and the kubelet are asked until they have them',
})

const programs = ['kube-scheduler', 'kube-controller-manager'] as const

/**
 * The holder of each lease of the control plane is killed without a word: another takes over when the lease has run
 * out, and not before; by the API's record, the killed process' end and the new holder's own log.
 */
scenario('election.control-plane-leases', { requires: ['node-access', 'static-pods'] }, async (context) => {
  for (const program of programs) await changesHands(context, program)
})

async function changesHands(context: ScenarioContext, program: (typeof programs)[number]): Promise<void> {
  const { cluster, given, eventually, require, measure } = context
  const { journal } = cluster
  const before = await given(`the lease of ${program} is held`, {
    probe: () => leaseState(cluster, program),
    until: (lease) => held(lease, Date.now()),
    within: lockTakenOver(controlPlaneElection),
  })
  const controlPlanes = findNodes(cluster, { role: 'control-plane' })
  const node = controlPlanes.find(({ name }) => before.holder.startsWith(`${name}_`))
  if (node === undefined) throw new Error(`${before.holder} holds the lease of ${program} and is on no machine`)

  await using fault = await killProcess(cluster, node, program)
  const endedAt = Date.now() - (journal.now() - fault.injectedAt)
  const after = await eventually(`another holds the lease of ${program}`, {
    probe: () => leaseState(cluster, program),
    until: (lease) => lease.holder !== before.holder && held(lease, Date.now()),
    within: controlPlanes.length > 1 ? lockTakenOver(controlPlaneElection) : lockTakenAgain(controlPlaneElection, 1),
    since: fault.injectedAt,
    describe: ({ holder, renewedAt }) => `${holder}, renewed ${formatDuration(Date.now() - renewedAt)} ago`,
    diagnose: (lease) =>
      diagnosis(
        'election.no-holder',
        `${program} on ${node.name} was killed, and ${lease?.holder ?? 'nobody'} holds its lease`,
      ),
  })
  measure(`${program} led again after`, journal.now() - fault.injectedAt, 'ms')

  const subject = `lease/kube-system/${program}`
  // What the API says of a lease comes to the journal by a watch, and the new holder's word by its log.
  await given(`the new term of ${program} is on record`, {
    probe: () => Promise.resolve(leaseTerms(journal.records(), subject).at(-1)?.holder ?? ''),
    until: (holder) => holder === after.holder,
    within: recorded,
  })
  const clashes = overlaps(leaseTerms(journal.records(), subject), new Map([[before.holder, endedAt]]))
  require(`the terms of ${program}'s holders do not overlap`, clashes.length === 0, () =>
    diagnosis(
      'election.two-holders',
      clashes
        .map(
          ({ earlier, later, byMs }) => `${later.holder} led ${formatDuration(byMs)} before ${earlier.holder} was over`,
        )
        .join('; '),
    ))
  const acquired = await given(`${after.holder} says that it leads`, {
    probe: () => ownRecord(cluster, controlPlanes, program, after.holder),
    until: (at) => at !== null,
    within: recorded,
    describe: (at) => (at === null ? 'not yet' : new Date(at).toISOString()),
  })
  require(`${program} by its own log leads only since the other was killed`, acquired === null ||
    acquired >= endedAt, () =>
    diagnosis(
      'election.two-holders',
      `${after.holder} says that it leads since ${new Date(acquired ?? 0).toISOString()}, and ${before.holder} was killed at ${new Date(endedAt).toISOString()}`,
    ))
}

/** When the holder says that it took the lease, in milliseconds since the epoch; null: its log does not reach back. */
async function ownRecord(
  cluster: StartedCluster,
  controlPlanes: readonly ClusterNode[],
  program: string,
  holder: string,
): Promise<number | null> {
  const node = controlPlanes.find(({ name }) => holder.startsWith(`${name}_`))
  if (node === undefined) return null
  const pod = `${program}-${node.name}`
  const log = await containerLog(cluster, { namespace: 'kube-system', pod, container: program })
  return electionEvents(log).findLast(({ kind }) => kind === 'acquired')?.at ?? null
}
