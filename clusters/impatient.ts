import { defineCluster } from '../harness/topology.ts'
import kind from './kind.ts'

/**
 * The default cluster with short limits: what is broken for good shows sooner. The counter-tests run on it; a healthy
 * cluster on a busy host would not always keep these objectives.
 */
export default defineCluster({
  ...kind,
  name: 'impatient',
  kubelet: { shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '5s' },
  components: { controllerManager: { extraArgs: { 'node-monitor-grace-period': '20s' } } },
  objectives: { daemonSetRecovery: '15s', nodeBoot: '20s' },
})
