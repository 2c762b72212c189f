import type { Electorate } from '../add-ons/electorate.ts'
import type { StartedCluster } from '../cluster.ts'

/** Restarts a DaemonSet as `kubectl rollout restart` does. Returns when it was asked for, in milliseconds of the run's clock. */
export async function restartDaemonSet(
  { api, journal }: Pick<StartedCluster, 'api' | 'journal'>,
  { namespace, daemonSet }: Pick<Electorate, 'namespace' | 'daemonSet'>,
): Promise<number> {
  const at = journal.append('cluster', 'restarting', `daemonset/${namespace}/${daemonSet}`).t
  await api.patch(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${daemonSet}`, {
    spec: {
      template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } } },
    },
  })
  return at
}
