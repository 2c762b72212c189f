import { findNodes, type StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'

/** Components of the control plane that run as static pods. */
export type ControlPlaneComponent = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'etcd'

/**
 * Ends the component on every control-plane node; the kubelet starts it again. Returns when it was asked for, in
 * milliseconds of the run's clock.
 */
export async function restartComponent(cluster: StartedCluster, component: ControlPlaneComponent): Promise<number> {
  const at = cluster.journal.append('cluster', 'restarting', component).t
  await Promise.all(findNodes(cluster, { role: 'control-plane' }).map((node) => endProcess(node, component)))
  return at
}

/** Ends the processes of that name on the node, in order (SIGTERM). That none runs, or no longer, is no error. */
export async function endProcess(node: ClusterNode, name: string): Promise<void> {
  const { stdout } = await node.exec(['pidof', name], { reject: false })
  const pids = stdout
    .trim()
    .split(/\s+/)
    .filter((pid) => pid !== '')
  if (pids.length > 0) await node.exec(['kill', ...pids], { reject: false })
}
