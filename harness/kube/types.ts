import type { V1DaemonSet, V1Deployment, V1Lease, V1Node, V1Pod } from '@kubernetes/client-node'

/**
 * Kubernetes' objects as JSON. The client library's types say `Date` where JSON has a string, and leave every field
 * optional; here stand only the fields that the suite reads, with what the API server always sends made required.
 */
export type Served<T> = Omit<T, 'metadata'> & {
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
    deletionTimestamp?: string
    generation?: number
    labels?: Record<string, string>
    annotations?: Record<string, string>
    ownerReferences?: { kind: string; name: string; uid: string }[]
  }
}

export type Pod = Served<V1Pod>
export type Node = Served<V1Node>
export type DaemonSet = Served<V1DaemonSet>
export type Deployment = Served<V1Deployment>
export type Lease = Served<Omit<V1Lease, 'spec'>> & {
  spec?: {
    holderIdentity?: string
    renewTime?: string
    acquireTime?: string
    leaseDurationSeconds?: number
    leaseTransitions?: number
  }
}

/** Whether the object's condition of that type is `True`. */
export function conditionTrue(
  object: { status?: { conditions?: { type: string; status: string }[] } },
  type: string,
): boolean {
  return object.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

/** What the API says of a node's being Ready, and since when; undefined: nothing yet. */
export function readyCondition({ status }: Node) {
  return status?.conditions?.find(({ type }) => type === 'Ready')
}

/** A pod that serves: Ready and not on its way out. */
export function podReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && conditionTrue(pod, 'Ready')
}

/** `kube-system/kube-proxy-abcde Running ready on worker`, for observations. */
export function describePod(pod: Pod): string {
  const reason = pod.status?.reason === undefined ? '' : `/${pod.status.reason}`
  const waiting = pod.status?.containerStatuses?.find(({ state }) => state?.waiting !== undefined)?.state?.waiting
  const why = waiting?.reason === undefined ? '' : ` (${waiting.reason})`
  return `${pod.metadata.name} ${pod.status?.phase ?? 'Unknown'}${reason}${why}${podReady(pod) ? ' ready' : ''}`
}
