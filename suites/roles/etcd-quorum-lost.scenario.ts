import { budget } from '../../harness/budgets/budget.ts'
import { leasesHeld } from '../../harness/budgets/control-plane.ts'
import { quorumBack, writesFailWithin } from '../../harness/budgets/etcd.ts'
import { findNodes } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { formatDuration } from '../../harness/duration.ts'
import { etcdStop } from '../../harness/faults/etcd-unit.ts'
import { scenario } from '../../harness/fixtures.ts'
import { KubeApiError } from '../../harness/kube/api.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { namespace } from '../../harness/workloads/server.ts'
import { healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { faultWindow, settled, underTraffic } from './traffic.ts'

/** Two of three members stop: nothing can be written until one is back, and that is said instead of hanging. */
scenario('roles.etcd-quorum-lost', { requires: ['etcd-nodes'] }, async (context) => {
  const { cluster, verify } = context
  const { journal } = cluster
  await healthNames(context, 'before the fault', [])
  const { leader, followers } = await members(cluster)
  const [survivor, ...others] = followers
  if (survivor === undefined) throw new Error(`${cluster.name} has one member of etcd only`)
  const struck = [leader, ...others]
  await underTraffic(context, async () => {
    await using fault = await etcdStop(cluster, struck)
    await failsInTime(context)
    const controlPlanes = findNodes(cluster, { role: 'control-plane' })
    await healthNames(context, 'without quorum', [...struck, survivor, ...controlPlanes])
    const found = await diagnoseRecovery(cluster)
    verify('the lost quorum is named', found.code === 'etcd.quorum-lost', () =>
      diagnosis('recovery.unexplained', `without quorum the diagnosis is ${found.code}: ${found.summary}`),
    )
    journal.append('probe', 'diagnosed', cluster.name, found)
    const at = await fault.heal()
    const back = quorumBack({ outageMs: at - fault.injectedAt })
    return { at, back, gap: budget(faultWindow(at - fault.injectedAt), ...back.terms) }
  })
  // Controllers that could not renew their leases have ended.
  await settled(context, leasesHeld())
  await healthNames(context, 'after the fault', [])
})

/** The API server itself answers that the write failed: within etcd's own limit, or its own. */
async function failsInTime({ cluster, verify, measure }: ScenarioContext): Promise<void> {
  const { api, journal } = cluster
  const limit = writesFailWithin()
  const began = journal.now()
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'without-quorum-' } }
  const answer = await api.create(path, object, limit.ms).then(
    () => 'it was acknowledged',
    (error: unknown) => (error instanceof KubeApiError && error.status >= 500 ? null : String(error)),
  )
  const tookMs = journal.now() - began
  measure('a write without quorum fails after', tookMs, 'ms')
  verify(`a write without quorum fails within ${formatDuration(limit.ms)}`, answer === null, () =>
    diagnosis('etcd.slow-failure', `a write without quorum, after ${formatDuration(tookMs)}: ${answer ?? ''}`),
  )
}
