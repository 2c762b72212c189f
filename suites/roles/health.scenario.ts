import { budget, extend } from '../../harness/budgets/budget.ts'
import { apiServerBack, leasesHeld } from '../../harness/budgets/control-plane.ts'
import { daemonSetObjective } from '../../harness/budgets/daemonset.ts'
import { findNode } from '../../harness/cluster.ts'
import { parseDuration } from '../../harness/duration.ts'
import { etcdStop } from '../../harness/faults/etcd-unit.ts'
import { powerOff } from '../../harness/faults/power-off.ts'
import { scenario } from '../../harness/fixtures.ts'
import { restoreManifest, stopStaticPod } from '../../harness/nodes/static-pods.ts'
import { booted, healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { settled } from './traffic.ts'

/** Health by role says which machine is unwell, for each role in turn, while the API may say nothing or the past. */
scenario('roles.health', { requires: ['etcd-nodes', 'power', 'static-pods'] }, async (context) => {
  const { cluster } = context
  await healthNames(context, 'before anything is wrong', [])
  {
    const [follower] = (await members(cluster)).followers
    if (follower === undefined) throw new Error(`${cluster.name} has one member of etcd only`)
    await using _ = await etcdStop(cluster, [follower])
    await healthNames(context, 'while its etcd is stopped', [follower])
  }
  await healthNames(context, 'after its etcd is back', [])
  {
    const worker = findNode(cluster, { role: 'worker' })
    await using _ = await powerOff(cluster, worker)
    await healthNames(context, 'while it is switched off', [worker])
  }
  await healthNames(context, 'after it is on again', [], booted(context))
  // Its pods too: what they take to come back is no part of what follows.
  const { daemonSetRecovery } = cluster.definition.objectives
  await settled(context, budget(...booted(context), ...daemonSetObjective(parseDuration(daemonSetRecovery)).terms))
  const controlPlane = findNode(cluster, { role: 'control-plane' })
  try {
    await stopStaticPod(cluster, controlPlane, 'kube-apiserver')
    await healthNames(context, 'without its API server', [controlPlane])
  } finally {
    await restoreManifest(controlPlane, 'kube-apiserver')
  }
  // Controllers that could not renew their leases meanwhile have ended.
  await settled(context, extend(apiServerBack(0, 0), ...leasesHeld().terms))
  await healthNames(context, 'after the API server is back', [])
})
