import type { V1PolicyRule } from '@kubernetes/client-node'

import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import type { KubeApi, KubeObject } from '../kube/api.ts'
import type { Served } from '../kube/types.ts'
import { type Access, mayAccess } from '../probes/access.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** Rights that a ServiceAccount loses. */
export interface RevokedRights {
  /** Of everything that is named here. */
  readonly namespace: string
  readonly serviceAccount: string
  /** Something that it may do and may not any more: what shows that the fault struck. */
  readonly may: Access
  /** Names of the RoleBindings that are removed. */
  readonly roleBinding?: string | readonly string[]
  /** A Role that has these rules instead of its own. */
  readonly role?: { readonly name: string; readonly rules: readonly V1PolicyRule[] }
}

/** The authorizer of every API server hears of the change by a watch. */
const authorized = budget({ name: 'RBAC informers', ms: 10_000, source: 'harness: one watch event at each API server' })

/**
 * Takes rights away: removes RoleBindings, or replaces a Role's rules. It counts as struck once a SubjectAccessReview
 * denies the ServiceAccount what one allowed before. Healing puts the objects back as they were.
 */
export function revokeRbacFault(rights: RevokedRights): Fault {
  const { namespace, serviceAccount, may, role } = rights
  const user = { namespace, serviceAccount }
  const account = `${namespace}/${serviceAccount}`
  return {
    name: 'revoke-rbac',
    node: `ServiceAccount ${account}`,
    subject: `serviceaccount/${account}`,
    available: () => true,
    async inject(cluster) {
      const { api, journal } = cluster
      if (!(await mayAccess(api, user, may))) {
        throw new NoEvidence(`revoke-rbac: ${account} may not ${described(may)} as it is`)
      }
      await using undo = new AsyncDisposableStack()
      for (const name of [rights.roleBinding ?? []].flat()) undo.defer(await removeBinding(api, namespace, name))
      if (role !== undefined) undo.defer(await replaceRules(api, namespace, role))
      const since = journal.now()
      await awaitEvidence(cluster, 'revoke-rbac', `${account} may not ${described(may)}`, {
        probe: () => mayAccess(api, user, may),
        until: (allowed) => !allowed,
        within: authorized,
        describe: (allowed) => (allowed ? 'allowed' : 'denied'),
      })
      const evidence = { may: described(may), before: 'allowed', after: 'denied', tookMs: journal.now() - since }
      const struck = undo.move()
      return { evidence, heal: () => struck.disposeAsync() }
    },
  }
}

/** Takes rights away from a ServiceAccount. */
export function revokeRbac(cluster: StartedCluster, rights: RevokedRights): Promise<InjectedFault> {
  return inject(cluster, revokeRbacFault(rights))
}

const paths = (namespace: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`

/** @returns what makes it again */
async function removeBinding(api: KubeApi, namespace: string, name: string): Promise<() => Promise<void>> {
  const list = `${paths(namespace)}/rolebindings`
  const binding = await api.get<Served<KubeObject>>(`${list}/${name}`)
  await api.delete(`${list}/${name}`)
  const { labels, annotations, ownerReferences } = binding.metadata
  const again = { ...binding, metadata: { name, namespace, labels, annotations, ownerReferences } }
  return async () => void (await api.create(list, again))
}

/** @returns what gives it its own rules back */
async function replaceRules(
  api: KubeApi,
  namespace: string,
  { name, rules }: NonNullable<RevokedRights['role']>,
): Promise<() => Promise<void>> {
  const path = `${paths(namespace)}/roles/${name}`
  const before = await api.get<{ rules: V1PolicyRule[] | null }>(path)
  await api.patch(path, { rules })
  return () => api.patch(path, { rules: before.rules ?? [] })
}

function described({ verb, resource, group, name }: Access): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : `/${name}`}`
}
