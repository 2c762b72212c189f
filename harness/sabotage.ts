import { budget } from './budgets/budget.ts'
import { leaderElection } from './budgets/constants.ts'
import type { StartedCluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { waitContext } from './faults/wait-context.ts'
import type { JournalRecord } from './journal.ts'
import type { ClusterNode } from './nodes/node.ts'
import { ailments } from './probes/health.ts'
import { leaseState, overdue } from './probes/leases.ts'

/** A cluster that was sabotaged has two minutes to heal before the next test: its back-offs and leases are shorter. */
const healing = budget({ name: 'healing', ms: 120_000, source: 'harness: between two counter-tests' })

/** The undoing of a sabotage: puts things right and waits until the cluster is well and led again. */
export function undo(cluster: StartedCluster, putRight: () => Promise<unknown>): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await putRight()
      await eventually(waitContext(cluster), `${cluster.name} has healed from the sabotage`, {
        probe: async () => {
          const leases = await Promise.all(
            ['kube-controller-manager', 'kube-scheduler'].map((name) => leaseState(cluster, name)),
          )
          return [
            ...(await ailments(cluster)),
            ...leases.filter((lease) => overdue(lease, Date.now())).map(() => 'a lease is overdue'),
          ]
        },
        until: (found) => found.length === 0,
        within: { ...healing, ms: healing.ms + leaderElection.leaseDuration.ms },
        describe: (found) => found.join('; ') || 'healthy',
      })
    },
  }
}

/** A record of that fault: as it is asked for, or once it has struck; `on`: only where it strikes that machine alone. */
export function faultIs(
  stage: 'injecting' | 'struck',
  fault: string,
  on?: Pick<ClusterNode, 'name'>,
): (record: JournalRecord) => boolean {
  return ({ source, kind, subject, data }) =>
    source === 'fault' &&
    kind === stage &&
    (on === undefined || subject === `node/${on.name}`) &&
    typeof data === 'object' &&
    data !== null &&
    'fault' in data &&
    data.fault === fault
}

/** Does something as soon as the journal has a record like that, once. */
export function when(
  { journal }: StartedCluster,
  matches: (record: JournalRecord) => boolean,
  act: (record: JournalRecord) => Promise<unknown>,
): Disposable {
  let done = false
  return journal.subscribe((record) => {
    if (done || !matches(record)) return
    done = true
    // What fails here shows as a scenario that does not come to the expected verdict; the journal says why.
    act(record).catch((error: unknown) => void journal.append('run', 'sabotage-failed', 'sabotage', String(error)))
  })
}
