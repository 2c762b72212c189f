import type { StartedCluster } from '../cluster.ts'
import { applyServerConfig, namespace, serverTemplate } from './server.ts'

const name = 'agent'
const path = `/apis/apps/v1/namespaces/${namespace}/daemonsets/${name}`

/**
 * A DaemonSet like the node agents that people add: critical, tolerating every taint, with a readiness probe. Without
 * the tolerations it would be replaced only once the node is Ready, and could not fail twice in one reboot.
 */
export async function deployAgent(cluster: StartedCluster): Promise<void> {
  await applyServerConfig(cluster)
  const { metadata, spec } = await serverTemplate(cluster, name)
  await cluster.api.apply(path, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata,
        spec: { ...spec, priorityClassName: 'system-node-critical', tolerations: [{ operator: 'Exists' }] },
      },
    },
  })
}
