import type { Electorate } from '../../harness/add-ons/electorate.ts'
import { lockPaths } from '../../harness/add-ons/electorate-removal.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { revokeRbac } from '../../harness/faults/revoke-rbac.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { electedAgain, electedBefore, elector, type Install, recovers, restartContainers, spegel } from './electing.ts'

/** The RoleBinding is gone: the candidates are told no, say so, and recover once they have their rights again. */
function rightsMissing(install: Install) {
  return async (context: ScenarioContext): Promise<void> => {
    const { cluster } = context
    await using electorate = await install(cluster)
    await electedBefore(context, electorate)
    const { namespace, serviceAccount, role } = electorate
    await using fault = await revokeRbac(cluster, {
      namespace,
      roleBinding: role,
      serviceAccount,
      may: { verb: 'get', group: 'coordination.k8s.io', resource: 'leases' },
    })
    await electedAgain(context, electorate, await restartContainers(cluster, electorate))
    await recovers(context, electorate, await fault.heal())
  }
}

const requires = ['node-access'] as const
const denied = { outcome: 'violates', diagnosis: 'election.rbac-denied' } as const

scenario('election.rbac-missing', { requires, expected: denied }, rightsMissing(elector()))

scenario(
  'election.rbac-missing-v0.0.17',
  { requires, expected: denied, nightly: true },
  rightsMissing(spegel('v0.0.17')),
)

/** The lock is there before anybody wants it: who may read and change it, and no more, can hold it. */
function lockPrecreated(install: Install) {
  return async (context: ScenarioContext): Promise<void> => {
    const { cluster } = context
    await using electorate = await install(cluster)
    await electedBefore(context, electorate)
    await onlyGetAndUpdate(cluster, electorate)
    await emptyLock(cluster, electorate)
    await electedAgain(context, electorate, await restartContainers(cluster, electorate))
  }
}

scenario('election.lock-precreated', { requires }, lockPrecreated(elector()))

scenario('election.lock-precreated-v0.0.17', { requires }, lockPrecreated(spegel('v0.0.17')))

/** The electorate's Role, with the least that an election takes where its lock exists. */
async function onlyGetAndUpdate({ api }: StartedCluster, { namespace, role, lock }: Electorate): Promise<void> {
  const verbs = ['get', 'update']
  const resourceNames = [lock?.name ?? '']
  await api.patch(`/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/${role}`, {
    rules: [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs, resourceNames },
      { apiGroups: [''], resources: ['configmaps'], verbs, resourceNames },
    ],
  })
}

/** The lock as an administrator creates it: there, and nobody's. */
async function emptyLock({ api }: StartedCluster, { namespace, lock }: Electorate): Promise<void> {
  if (lock === null) return
  for (const path of lockPaths(namespace, lock)) {
    await api.delete(path)
    const isLease = path.includes('/leases/')
    await api.apply(path, {
      apiVersion: isLease ? 'coordination.k8s.io/v1' : 'v1',
      kind: isLease ? 'Lease' : 'ConfigMap',
      metadata: { name: lock.name, namespace },
    })
  }
}
