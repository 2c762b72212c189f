import type { KubeApi } from '../kube/api.ts'

/** Something that may be done in a namespace. */
export interface Access {
  /** `get`, `update` and so on. */
  readonly verb: string
  /** API group; empty: the core's. */
  readonly group: string
  /** In the plural: `leases`. */
  readonly resource: string
  /** Of one object; left out: of any. */
  readonly name?: string
}

export interface Account {
  readonly namespace: string
  readonly serviceAccount: string
}

/**
 * Whether a ServiceAccount may do something in its namespace, by a SubjectAccessReview: what the API server itself would
 * decide at this moment.
 * @throws {KubeApiError}
 */
export async function mayAccess(api: KubeApi, account: Account, access: Access): Promise<boolean> {
  const { namespace, serviceAccount } = account
  const review = await api.create<{ status: { allowed: boolean } }>(
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${namespace}:${serviceAccount}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
        resourceAttributes: { namespace, ...access },
      },
    },
  )
  return review.status.allowed
}
