import type { ClusterConstants } from '../cluster.ts'
import { parseDuration } from '../duration.ts'
import type { ClusterDefinition } from '../topology.ts'

/** kube-controller-manager's default: 50 s since Kubernetes 1.32, 40 s before. */
const nodeMonitorGracePeriod = (minor: number) => (minor >= 32 ? '50s' : '40s')

/** The upstream constants that hold in a cluster with this definition and kubelet configuration. */
export function clusterConstants(definition: ClusterDefinition, kubelet: Record<string, unknown>): ClusterConstants {
  const flags = definition.components.controllerManager?.extraArgs ?? {}
  const grace = kubelet['shutdownGracePeriod']
  return {
    nodeMonitorGracePeriodMs: parseDuration(
      flags['node-monitor-grace-period'] ?? nodeMonitorGracePeriod(Number(definition.kubernetes.split('.')[1])),
    ),
    shutdownGracePeriodMs: typeof grace === 'string' && grace !== '0' ? parseDuration(grace) : 0,
  }
}
