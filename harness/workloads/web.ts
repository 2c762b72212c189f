import type { StartedCluster } from '../cluster.ts'
import type { Pod } from '../kube/types.ts'
import { labelledPods } from '../probes/pods.ts'
import { applyServerConfig, namespace, serverPort, serverTemplate } from './server.ts'

const name = 'web'

/** A Deployment of `replicas` pods, spread over the nodes where there are enough, and the Service in front of it. */
export async function deployWeb(cluster: StartedCluster, replicas: number): Promise<void> {
  await applyServerConfig(cluster)
  const { metadata, spec } = await serverTemplate(cluster, name)
  await cluster.api.apply(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata,
        spec: {
          ...spec,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: { app: name } },
            },
          ],
        },
      },
    },
  })
  await cluster.api.apply(`/api/v1/namespaces/${namespace}/services/${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: serverPort }] },
  })
}

export async function removeWeb({ api }: StartedCluster): Promise<void> {
  await api.delete(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)
}

export function webPods(cluster: StartedCluster): Promise<Pod[]> {
  return labelledPods(cluster, namespace, `app=${name}`)
}

/** URL of the Service inside the cluster. */
export async function webUrl({ api }: StartedCluster): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/services/${name}`
  const { spec } = await api.get<{ spec: { clusterIP: string } }>(path)
  return `http://${spec.clusterIP}:${serverPort}/health`
}
