import type { StartedCluster } from '../cluster.ts'
import { daemonSets } from '../probes/pods.ts'
import { restartDaemonSet } from './restart-daemonset.ts'

/**
 * Changes the pod template of every DaemonSet as `kubectl rollout restart` does. Returns when it was asked for, in
 * milliseconds of the run's clock.
 */
export async function changePodTemplates(cluster: StartedCluster): Promise<number> {
  const at = cluster.journal.append('cluster', 'changing-pod-templates', cluster.name).t
  for (const { metadata } of await daemonSets(cluster)) {
    await restartDaemonSet(cluster, { namespace: metadata.namespace ?? '', daemonSet: metadata.name })
  }
  return at
}
