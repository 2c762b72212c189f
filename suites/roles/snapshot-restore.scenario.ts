import { apiServerBack, leasesHeld } from '../../harness/budgets/control-plane.ts'
import { budget, extend } from '../../harness/budgets/budget.ts'
import { quorumBack } from '../../harness/budgets/etcd.ts'
import { findNodes, type StartedCluster } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { quorumLost } from '../../harness/diagnosis/etcd.ts'
import { etcdDestroyed } from '../../harness/faults/etcd-destroyed.ts'
import { scenario } from '../../harness/fixtures.ts'
import { KubeApiError } from '../../harness/kube/api.ts'
import { restoreManifest, stopStaticPod } from '../../harness/nodes/static-pods.ts'
import { restoreSnapshot, saveSnapshot } from '../../harness/remedies/etcd-snapshot.ts'
import { etcdNodes } from '../../harness/topology.ts'
import { applyServerConfig, namespace } from '../../harness/workloads/server.ts'
import { healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { settled } from './traffic.ts'

const path = (name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`

/** All members lose their data; a snapshot brings back what it had, and nothing that came after it. */
scenario('roles.snapshot-restore', { requires: ['etcd-nodes', 'static-pods'] }, async (context) => {
  const { cluster, eventually, measure } = context
  const { journal } = cluster
  await applyServerConfig(cluster)
  await cluster.api.delete(path('later'))
  await write(cluster, 'kept', 'before')
  const snapshot = await saveSnapshot(cluster, (await members(cluster)).leader)
  measure('size of the snapshot', snapshot.bytes, 'bytes')
  await write(cluster, 'kept', 'after')
  await write(cluster, 'later', 'after')

  const controlPlanes = findNodes(cluster, { role: 'control-plane' })
  await etcdDestroyed(cluster, etcdNodes(cluster.nodes))
  await Promise.all(controlPlanes.map((node) => stopStaticPod(cluster, node, 'kube-apiserver')))
  const begunAt = journal.now()
  await restoreSnapshot(cluster, snapshot)
  await Promise.all(controlPlanes.map((node) => restoreManifest(node, 'kube-apiserver')))
  measure('restoring the snapshot', journal.now() - begunAt, 'ms')

  await eventually('the API serves what the snapshot has', {
    probe: async () => `kept ${await read(cluster, 'kept')}, later ${await read(cluster, 'later')}`,
    until: (state) => state === 'kept before, later absent',
    within: budget(...quorumBack({ outageMs: 0 }).terms, ...apiServerBack(0, 0).terms),
    since: begunAt,
    diagnose: async (state) =>
      (await quorumLost(cluster)) ??
      diagnosis('etcd.write-lost', `after the snapshot was restored the API has: ${state ?? 'no answer'}`),
  })
  measure('API serves the snapshot after', journal.now() - begunAt, 'ms')
  await settled(context, extend(leasesHeld(), ...quorumBack({ outageMs: 0 }).terms))
  await healthNames(context, 'after the restoration', [])
})

async function write({ api }: StartedCluster, name: string, when: string): Promise<void> {
  await api.apply(path(name), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { when },
  })
}

async function read({ api }: StartedCluster, name: string): Promise<string> {
  try {
    return (await api.get<{ data: { when: string } }>(path(name))).data.when
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return 'absent'
    throw error
  }
}
