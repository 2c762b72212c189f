import { leaderElection } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { Lease } from '../kube/types.ts'

/** Who holds a lease and since when. */
export interface LeaseState {
  readonly holder: string
  /** Milliseconds since the epoch of the last renewal, by the holder's clock. */
  readonly renewedAt: number
  /** When the holder took it, by the same clock. */
  readonly acquiredAt: number
  readonly transitions: number
  readonly durationMs: number
}

export async function leaseState(
  { api }: Pick<StartedCluster, 'api'>,
  name: string,
  namespace = 'kube-system',
): Promise<LeaseState> {
  const { spec } = await api.get<Lease>(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`)
  return {
    holder: spec?.holderIdentity ?? '',
    renewedAt: spec?.renewTime === undefined ? 0 : Date.parse(spec.renewTime),
    acquiredAt: spec?.acquireTime === undefined ? 0 : Date.parse(spec.acquireTime),
    transitions: spec?.leaseTransitions ?? 0,
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1_000,
  }
}

/** Whether the holder renewed its lease within the term that it took it for, at the wall-clock time `now`. */
export function held(lease: LeaseState, now: number): boolean {
  return lease.holder !== '' && now - lease.renewedAt < lease.durationMs
}

/** Whether the holder has not renewed its lease for so long that it must have stopped leading (its renew deadline). */
export function overdue(lease: LeaseState, now: number): boolean {
  return lease.holder === '' || now - lease.renewedAt > leaderElection.renewDeadline.ms
}
