import { budget } from '../budgets/budget.ts'
import { podStartup } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { KubeObject } from '../kube/api.ts'
import type { Served } from '../kube/types.ts'

/** Namespace of everything that the suite deploys. */
export const namespace = 'clusterproof'

/** A pod template that callers add to. */
export interface PodTemplate {
  readonly metadata: object
  readonly spec: object
}

/** Port that the workload answers HTTP on. */
export const serverPort = 8080

/** A workload is complete: its pods are scheduled and start, and the readiness probe (period 1 s) passes. */
export const serverReady = budget(
  podStartup,
  { name: 'readinessProbe.periodSeconds', ms: 1_000, source: 'the workload' },
  { name: 'scheduling and rollout', ms: 5_000, source: 'sig-scalability: pods are scheduled within 5 s' },
)

/**
 * The workload's container: CoreDNS with its health endpoint only, because every node of every distribution here has
 * that image already, so that no registry is needed. It answers `GET /health` with 200.
 */
export async function serverTemplate({ api }: Pick<StartedCluster, 'api'>, app: string): Promise<PodTemplate> {
  const coredns = await api.get<Served<{ spec: { template: { spec: { containers: { image: string }[] } } } }>>(
    '/apis/apps/v1/namespaces/kube-system/deployments/coredns',
  )
  const image = coredns.spec.template.spec.containers[0]?.image
  const probe = { httpGet: { path: '/health', port: serverPort }, periodSeconds: 1 }
  return {
    metadata: { labels: { app } },
    spec: {
      terminationGracePeriodSeconds: 8,
      containers: [
        {
          name: 'server',
          image,
          imagePullPolicy: 'IfNotPresent',
          args: ['-conf', '/etc/coredns/Corefile', '-dns.port', '5353'],
          ports: [{ containerPort: serverPort }],
          readinessProbe: probe,
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'server' } }],
    },
  }
}

/**
 * `lameduck`: it goes on serving for 2 s after SIGTERM, as node agents do that finish what they have begun. A node
 * thereby shuts down slowly enough for the kubelet to refuse replacements and to tell the API so, as in the field.
 */
const corefile = `.:5353 {
    health :${serverPort} {
        lameduck 2s
    }
}
`

/** The namespace, the suite's where no other is named, and the server's configuration in it. */
export async function applyServerConfig(
  { api }: Pick<StartedCluster, 'api'>,
  inNamespace: string = namespace,
): Promise<void> {
  await api.apply(`/api/v1/namespaces/${inNamespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: inNamespace },
  })
  await api.apply(`/api/v1/namespaces/${inNamespace}/configmaps/server`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'server', namespace: inNamespace },
    data: { Corefile: corefile },
  } satisfies KubeObject)
}
