import type { Electorate } from '../add-ons/electorate.ts'
import type { StartedCluster } from '../cluster.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Pod } from '../kube/types.ts'
import { held, type LeaseState, leaseState } from './leases.ts'
import { labelledPods, selectorOf } from './pods.ts'

type ApiOf = Pick<StartedCluster, 'api'>

/** Who holds an electorate's lock. */
export interface Holder {
  readonly identity: string
  /** Null: no pod that is there now. */
  readonly pod: Pod | null
  /** When it took the lock, in milliseconds since the epoch, by its own clock. */
  readonly takenAt: number
  readonly lease: LeaseState
}

/** The lock's holder whose term runs, as the API has it; null: nobody, or there is no lock yet. */
export async function lockHolder(cluster: ApiOf, electorate: Electorate): Promise<Holder | null> {
  if (electorate.lock === null) return null
  const lease = await leaseOf(cluster, electorate, electorate.lock.name)
  if (lease === null || !held(lease, Date.now())) return null
  const pods = await labelledPods(cluster, electorate.namespace, selectorOf(electorate.labels))
  return {
    identity: lease.holder,
    pod: electorate.podOf(lease.holder, pods) ?? null,
    takenAt: lease.acquiredAt,
    lease,
  }
}

async function leaseOf(cluster: ApiOf, { namespace }: Electorate, name: string): Promise<LeaseState | null> {
  try {
    return await leaseState(cluster, name, namespace)
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return null
    throw error
  }
}
