import type { StartedCluster } from '../cluster.ts'
import { daemonSets } from '../probes/pods.ts'

/**
 * Changes the pod template of every DaemonSet as `kubectl rollout restart` does. Returns when it was asked for, in
 * milliseconds of the run's clock.
 */
export async function changePodTemplates(cluster: StartedCluster): Promise<number> {
  const at = cluster.journal.append('cluster', 'changing-pod-templates', cluster.name).t
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  for (const { metadata } of await daemonSets(cluster)) {
    await cluster.api.patch(`/apis/apps/v1/namespaces/${metadata.namespace ?? ''}/daemonsets/${metadata.name}`, {
      spec: { template: { metadata: { annotations } } },
    })
  }
  return at
}
