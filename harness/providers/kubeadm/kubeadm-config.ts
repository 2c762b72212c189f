import { stringify } from 'yaml'

import type { MachineFile } from '../../nodes/machine-container.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { apiServerPort, type ClusterPlan, hasRole, type Machine } from './plan.ts'

/** kind's ranges, which the egress rules know. */
const networking = { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/16' }

/** All supported versions of Kubernetes have it (1.31 and later). */
const apiVersion = 'kubeadm.k8s.io/v1beta4'

const etcdPki = '/etc/kubernetes/pki/etcd'

interface Document {
  readonly kind: string
  readonly [field: string]: unknown
}

const patchDirectory = '/kind/patches'
const patches = { directory: patchDirectory }

/**
 * kubeadm's patches of what it deploys: that something is Ready is seen within a second of its being so. By default its
 * static pods are looked at 10 s after their start for the first time, and CoreDNS every 10 s.
 */
export function patchFiles(): MachineFile[] {
  const startupProbe = { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 240 }
  const staticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  const coredns = { name: 'coredns', readinessProbe: { periodSeconds: 1 } }
  return [
    ...staticPods.map((name) => patchFile(name, { spec: { containers: [{ name, startupProbe }] } })),
    patchFile('corednsdeployment', { spec: { template: { spec: { containers: [coredns] } } } }),
  ]
}

function patchFile(target: string, content: object): MachineFile {
  return { path: `${patchDirectory}/${target}+strategic.yaml`, content: stringify(content) }
}

/** In place of a version: the machine puts in what its image has. */
export const kubernetesOfImage = '@KUBERNETES@'

/** The phases of `kubeadm init`, the same from Kubernetes 1.32 to 1.36 (cmd/kubeadm/app/cmd/init.go). */
const phases = [
  'preflight',
  'certs',
  'kubeconfig',
  'etcd',
  'control-plane',
  'kubelet-start',
  'wait-control-plane',
  'upload-config/kubeadm',
  'upload-config/kubelet',
  'upload-certs',
  'mark-control-plane',
  'bootstrap-token',
  'kubelet-finalize',
  'addon/coredns',
  'addon/kube-proxy',
  'show-join-command',
] as const

/** For `--skip-phases`, which overrules the configuration: all but these, and what the definition itself skips. */
export function skippedPhases(
  { kubeadmPatches }: Pick<ClusterDefinition, 'kubeadmPatches'>,
  wanted: readonly (typeof phases)[number][],
): string {
  const own = kubeadmPatches.flatMap(({ kind, skipPhases }) =>
    kind === 'InitConfiguration' && Array.isArray(skipPhases) ? skipPhases.map(String) : [],
  )
  return [...new Set([...phases.filter((phase) => !wanted.includes(phase)), ...own])].join(',')
}

/** kubeadm's configuration of the first control plane, which has that host name. */
export function initConfiguration(plan: ClusterPlan, machine: Machine, hostname: string): string {
  return documents(plan.definition, [
    {
      apiVersion,
      kind: 'InitConfiguration',
      bootstrapTokens: [{ token: plan.token, ttl: '0s' }],
      localAPIEndpoint: { advertiseAddress: machine.address, bindPort: apiServerPort },
      nodeRegistration: nodeRegistration(plan, machine, hostname),
      patches,
      skipPhases: ['preflight'],
    },
    clusterConfiguration(plan, machine),
    kubeletConfigurationDocument(plan.definition),
    kubeProxyConfiguration,
  ])
}

export const discoveryFile = '/etc/kubernetes/discovery.conf'

/** What a machine joins with. */
export interface JoinCredentials {
  /** Bootstrap token; left out: the cluster's own. */
  readonly token?: string
  /**
   * A kubeconfig that says where the API is. Without it kubeadm asks the API itself, every 5 s until a controller has
   * signed the answer with the token.
   */
  readonly discovery?: string
}

/** kubeadm's configuration of a machine that joins a cluster. */
export function joinConfiguration(
  plan: ClusterPlan,
  machine: Machine,
  hostname: string,
  { token = plan.token, discovery }: JoinCredentials = {},
): string {
  return documents(plan.definition, [
    {
      apiVersion,
      kind: 'JoinConfiguration',
      ...(hasRole(machine, 'control-plane') && {
        controlPlane: { localAPIEndpoint: { advertiseAddress: machine.address, bindPort: apiServerPort } },
      }),
      nodeRegistration: nodeRegistration(plan, machine, hostname),
      discovery:
        discovery === undefined
          ? {
              bootstrapToken: {
                apiServerEndpoint: `${plan.endpoint.name}:${apiServerPort}`,
                token,
                // The network is the cluster's own; kind does the same.
                unsafeSkipCAVerification: true,
              },
            }
          : { file: { kubeConfigPath: discoveryFile }, tlsBootstrapToken: token },
      ...(hasRole(machine, 'control-plane') && { patches }),
      skipPhases: ['preflight'],
      // A token that nobody knows is refused at once and asked for again until this is over; the default is 5 min.
      timeouts: { discovery: '20s' },
    },
  ])
}

/** What `kubeadm init phase certs etcd-*` makes the certificates of a member with: for the host name that it has. */
export function etcdCertificateConfiguration(machine: Machine, hostname: string, kubernetes: string): string {
  const names = [machine.name, machine.address]
  return [
    { apiVersion, kind: 'InitConfiguration', nodeRegistration: { name: hostname } },
    {
      apiVersion,
      kind: 'ClusterConfiguration',
      kubernetesVersion: kubernetes,
      encryptionAlgorithm: 'ECDSA-P256',
      etcd: { local: { serverCertSANs: names, peerCertSANs: names } },
    },
  ]
    .map((document) => stringify(document))
    .join('---\n')
}

/**
 * The controllers list and watch everything when they start: 20 requests a second, the default, make them wait for five
 * seconds before the first node gets its addresses and the first kubelet its certificate.
 */
const controllerManagerClient = { 'kube-api-qps': '200', 'kube-api-burst': '400' }

function clusterConfiguration(plan: ClusterPlan, machine: Machine): Document {
  const { definition, endpoint } = plan
  const { apiServer, controllerManager, scheduler, etcd } = definition.components
  return {
    apiVersion,
    kind: 'ClusterConfiguration',
    clusterName: plan.name,
    kubernetesVersion: kubernetesOfImage,
    // Faster to make than RSA, and as good.
    encryptionAlgorithm: 'ECDSA-P256',
    controlPlaneEndpoint: `${endpoint.name}:${apiServerPort}`,
    networking,
    apiServer: {
      certSANs: ['localhost', '127.0.0.1', endpoint.name, endpoint.address, machine.name],
      extraArgs: list(apiServer?.extraArgs),
    },
    controllerManager: { extraArgs: list({ ...controllerManagerClient, ...controllerManager?.extraArgs }) },
    scheduler: { extraArgs: list(scheduler?.extraArgs) },
    etcd: plan.externalEtcd
      ? {
          external: {
            endpoints: plan.etcd.map(({ name }) => `https://${name}:2379`),
            caFile: `${etcdPki}/ca.crt`,
            certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
            keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
          },
        }
      : { local: { dataDir: '/var/lib/etcd', extraArgs: list(etcd?.extraArgs) } },
  }
}

function nodeRegistration(plan: ClusterPlan, machine: Machine, hostname: string): object {
  const workers = plan.definition.nodes.some(({ roles }) => roles.includes('worker'))
  return {
    name: hostname,
    criSocket: 'unix:///run/containerd/containerd.sock',
    kubeletExtraArgs: list({ 'node-ip': machine.address }),
    // Without workers, or where a control plane is one, pods run on control planes.
    ...(hasRole(machine, 'control-plane') && (hasRole(machine, 'worker') || !workers) && { taints: [] }),
  }
}

/** Talos' shutdown grace, which the field failure was seen with. */
const talosShutdown = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }

/** The KubeletConfiguration that the definition's nodes run with, beyond what a machine in a container needs. */
export function kubeletConfiguration(definition: ClusterDefinition): Record<string, unknown> {
  return { ...talosShutdown, ...definition.kubelet }
}

function kubeletConfigurationDocument(definition: ClusterDefinition): Document {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'systemd',
    cgroupRoot: '/kubelet',
    failSwapOn: false,
    // The disk is the host's: the kubelet must not try to free it.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
    ...kubeletConfiguration(definition),
  }
}

const kubeProxyConfiguration: Document = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'iptables',
  iptables: { minSyncPeriod: '1s' },
  // The kernel's table is shared with the host.
  conntrack: { maxPerCore: 0 },
}

function list(flags: Readonly<Record<string, string>> = {}): { name: string; value: string }[] {
  return Object.entries(flags).map(([name, value]) => ({ name, value }))
}

/** The documents with the definition's patches merged into those of their kind. */
function documents(definition: ClusterDefinition, all: readonly Document[]): string {
  const patched = all.map((document) =>
    definition.kubeadmPatches
      .filter(({ kind }) => kind === document.kind)
      .reduce<unknown>((merged, patch) => merge(merged, patch), document),
  )
  return patched.map((document) => stringify(document)).join('---\n')
}

/** JSON merge patch (RFC 7386), as far as documents without null go. */
function merge(base: unknown, patch: unknown): unknown {
  if (!isRecord(base) || !isRecord(patch)) return patch
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) merged[key] = merge(merged[key], value)
  return merged
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
