import { endpointPropagation } from '../../harness/budgets/constants.ts'
import { extend } from '../../harness/budgets/budget.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { KubeList } from '../../harness/kube/api.ts'
import { describePod, type Node, type Pod } from '../../harness/kube/types.ts'
import { serving } from '../../harness/probes/serving.ts'
import { serverReady } from '../../harness/workloads/server.ts'
import { deployWeb, removeWeb, webPods } from '../../harness/workloads/web.ts'
import { joined, only, reportStill, serves, undisturbed } from './newcomer.ts'

/** A worker leaves in order: its pods go elsewhere first, and nothing of it stays in the API. */
scenario('leave.worker', { requires: ['join'] }, async (context) => {
  const { cluster, given, eventually, measure } = context
  const { journal } = cluster
  await using newcomers = await joined(context, [{ name: 'leaving', roles: ['worker'], after: [] }])
  const node = only(newcomers)
  await serves(context, node, newcomers.since)
  await deployWeb(cluster, 2)
  const complete = {
    probe: () => webPods(cluster),
    until: (pods: Awaited<ReturnType<typeof webPods>>) => pods.filter((pod) => serving(pod, cluster.boots)).length >= 2,
    describe: (pods: Awaited<ReturnType<typeof webPods>>) => pods.map(describePod).join(', '),
    diagnose: () => diagnoseRecovery(cluster),
  }
  await given('the Deployment is complete before the machine leaves', { ...complete, within: serverReady })

  const leavesAt = journal.now()
  const leaving = cluster.leave(node)
  const others = await undisturbed(context, leaving, node)
  await leaving
  measure('the machine left after', journal.now() - leavesAt, 'ms')

  await eventually('nothing of the machine is in the API', {
    probe: () => leftovers(cluster, node.name),
    until: (left) => left.length === 0,
    within: extend(serverReady, endpointPropagation),
    describe: (left) => left.join(', ') || 'nothing',
    diagnose: (left) => diagnosis('join.disturbed', `${node.name} has left; still there: ${(left ?? []).join(', ')}`),
  })
  await eventually('the Deployment is complete again', { ...complete, within: serverReady })
  await reportStill(context, others)
  await removeWeb(cluster)
})

/** The machine's Node and pods, as far as the API still has them. */
async function leftovers({ api }: StartedCluster, name: string): Promise<string[]> {
  const [nodes, pods] = await Promise.all([
    api.get<KubeList<Node>>('/api/v1/nodes'),
    api.get<KubeList<Pod>>(`/api/v1/pods?fieldSelector=spec.nodeName=${name}`),
  ])
  return [
    ...nodes.items.filter(({ metadata }) => metadata.name === name).map(({ metadata }) => `Node ${metadata.name}`),
    ...pods.items.map(({ metadata }) => `pod ${metadata.name}`),
  ]
}
