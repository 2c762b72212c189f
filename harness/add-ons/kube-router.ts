import type { V1ClusterRole, V1DaemonSet, V1PolicyRule } from '@kubernetes/client-node'

import { subjects } from '../images/subjects.ts'
import type { KubeApi, KubeObject } from '../kube/api.ts'
import { applyObjects } from '../kube/apply-manifest.ts'

/** What enforces NetworkPolicy where a definition asks for it. */
export const kubeRouterImage = subjects.kubeRouter.image

const name = 'kube-router'
const namespace = 'kube-system'

export interface KubeRouterOptions {
  /** Its image, by the name that machines know. */
  readonly image: string
  /**
   * Where machines reach an API server: its host stands in the server's certificate. Not the Service's address, which
   * kube-proxy would have to be there for; after a reboot that may take a minute.
   */
  readonly apiServer: { readonly host: string; readonly port: number }
  /** The range that Services have their addresses from. */
  readonly serviceRange: string
}

/**
 * Adds kube-router to a cluster, as firewall alone, in the way that k3s has it: it enforces NetworkPolicy beside any pod
 * network and beside kube-proxy. Resolves once the objects are there, not once its pods run.
 * @throws {KubeApiError}
 */
export async function applyKubeRouter(api: KubeApi, options: KubeRouterOptions): Promise<void> {
  await applyObjects(api, kubeRouterObjects(options))
}

/** Its objects. Source: kube-router's daemonset/kube-router-firewall-daemonset.yaml, without what is for routes. */
export function kubeRouterObjects(options: KubeRouterOptions): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name },
      rules: [...rules],
    } satisfies KubeObject & V1ClusterRole,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    daemonSet(options),
  ]
}

const rules: readonly V1PolicyRule[] = [
  {
    apiGroups: [''],
    resources: ['namespaces', 'pods', 'services', 'nodes', 'endpoints'],
    verbs: ['get', 'list', 'watch'],
  },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
]

/**
 * Waits until kube-proxy has written its rules for the first time. kube-router writes the whole filter table as it has read
 * it before: chains that kube-proxy makes in between are gone, its first sync fails, and Kubernetes 1.34's does not try
 * again by itself ("Sync failed", retryingTime 30s, and then nothing for minutes): no Service is reached from that node.
 * Not every build of the image has a `sleep`.
 */
const afterKubeProxy = `
written() {
  [ -n "$(iptables --wait --table nat --list-rules KUBE-SERVICES 2>/dev/null | sed -n 2p)" ] ||
    nft list table ip kube-proxy >/dev/null 2>&1
}
until written; do ! command -v sleep >/dev/null || sleep 0.2; done
`

function daemonSet({ image, apiServer, serviceRange }: KubeRouterOptions): KubeObject & V1DaemonSet {
  const labels = { 'k8s-app': name }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-node-critical',
          serviceAccountName: name,
          hostNetwork: true,
          tolerations: [{ operator: 'Exists' }],
          initContainers: [
            {
              name: 'after-kube-proxy',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', afterKubeProxy],
              securityContext: { privileged: true },
              volumeMounts: [{ name: 'xtables-lock', mountPath: '/run/xtables.lock' }],
            },
          ],
          containers: [
            {
              name,
              image,
              imagePullPolicy: 'IfNotPresent',
              args: [
                '--run-firewall=true',
                '--run-router=false',
                '--run-service-proxy=false',
                '--run-loadbalancer=false',
                `--service-cluster-ip-range=${serviceRange}`,
              ],
              env: [
                { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                // client-go's in-cluster configuration reads these.
                { name: 'KUBERNETES_SERVICE_HOST', value: apiServer.host },
                { name: 'KUBERNETES_SERVICE_PORT', value: String(apiServer.port) },
              ],
              securityContext: { privileged: true },
              volumeMounts: [
                { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
                { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
              ],
              // Forwarded packets go through its chain once it has written its rules: before that it enforces nothing.
              startupProbe: {
                exec: { command: ['iptables', '--wait', '--list-rules', 'KUBE-ROUTER-FORWARD'] },
                periodSeconds: 1,
                failureThreshold: 120,
              },
              livenessProbe: { httpGet: { path: '/healthz', port: 20_244 }, periodSeconds: 3 },
            },
          ],
          volumes: [
            { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          ],
        },
      },
    },
  }
}
