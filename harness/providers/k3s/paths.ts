import type { EtcdLayout } from '../../cluster.ts'

/** Where k3s keeps things, with its default --data-dir. Source: docs.k3s.io, the pages that are named. */

/** Supervisor and API, and with the embedded registry mirror agents too (Requirements: Networking). */
export const supervisorPort = 6443

/** The admin's kubeconfig, on servers that have an API server (Cluster Access). */
export const kubeconfigFile = '/etc/rancher/k3s/k3s.yaml'

/** Private Registry Configuration. */
export const registriesFile = '/etc/rancher/k3s/registries.yaml'

/** k3s' own files in this folder begin with 00, 10 and 20, and a later name wins (Configuration Options: kubelet). */
export const kubeletFile = '/var/lib/rancher/k3s/agent/etc/kubelet.conf.d/50-clusterproof.conf'

/** Where the machines here are told to log to, besides their standard error. */
export const logFile = '/var/log/k3s.log'

/** Embedded etcd (Advanced Options: Using etcdctl): it runs within the server's own process. */
export const k3sEtcdLayout: EtcdLayout = {
  ca: '/var/lib/rancher/k3s/server/tls/etcd/server-ca.crt',
  certificate: '/var/lib/rancher/k3s/server/tls/etcd/client.crt',
  key: '/var/lib/rancher/k3s/server/tls/etcd/client.key',
  dataDirectory: '/var/lib/rancher/k3s/server/db/etcd',
  unit: null,
}

/** What the image declares as volumes (k3s-io/k3s package/Dockerfile): a machine keeps them for life. */
export const volumes = ['/var/lib/kubelet', '/var/lib/rancher/k3s', '/var/lib/cni', '/var/log'] as const
