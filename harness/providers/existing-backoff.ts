import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { waitContext } from '../faults/wait-context.ts'
import { KubeApiError } from '../kube/api.ts'
import { earlierBackoffs } from '../probes/earlier-backoff.ts'

const leaseSeen = budget({ name: 'the first list of a watch', ms: 5_000, source: 'harness: one request' })

/**
 * Writes the back-offs into the journal that reboots before this run have left with the DaemonSet controller: a model
 * that begins with none would find the controller astray. It must be called once the API is watched. That they cannot be
 * told is written down, and is no error.
 */
export async function recordEarlierBackoffs(cluster: Pick<StartedCluster, 'name' | 'api' | 'journal'>): Promise<void> {
  const { name, api, journal } = cluster
  const lease = 'lease/kube-system/kube-controller-manager'
  try {
    // Whoever reads the journal takes the first holder for a new one, who begins without a back-off.
    await eventually(waitContext(cluster), `${name}: the holder of the controller-manager's lease is known`, {
      probe: () => Promise.resolve(journal.records().some(({ subject }) => subject === lease)),
      until: (known) => known,
      within: leaseSeen,
    })
    for (const [node, backoffs] of await earlierBackoffs({ api, journal })) {
      for (const backoff of backoffs) journal.append('api-watch', 'earlier', `backoff/${node}`, backoff)
    }
  } catch (error) {
    if (!(error instanceof ExpectationFailed || error instanceof KubeApiError)) throw error
    journal.append('cluster', 'unknown', 'backoff', error.message)
  }
}
