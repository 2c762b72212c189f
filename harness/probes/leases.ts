import { leaderElection } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { KubeList } from '../kube/api.ts'
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

const leases = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`

export async function leaseState(
  { api }: Pick<StartedCluster, 'api'>,
  name: string,
  namespace = 'kube-system',
): Promise<LeaseState> {
  return stateOf(await api.get<Lease>(`${leases(namespace)}/${name}`))
}

/** Of which of these Nodes the kubelet has not renewed the lease since that time, in milliseconds since the epoch. */
export async function silentNodes(
  { api }: Pick<StartedCluster, 'api'>,
  nodes: readonly string[],
  since: number,
): Promise<string[]> {
  const { items } = await api.get<KubeList<Lease>>(leases('kube-node-lease'))
  const renewed = items.filter((lease) => stateOf(lease).renewedAt >= since)
  return nodes.filter((name) => renewed.every(({ metadata }) => metadata.name !== name))
}

function stateOf({ spec }: Lease): LeaseState {
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
