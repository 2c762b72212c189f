import { stringify } from 'yaml'

import type { MountedFile } from '../egress.ts'
import type { ClusterDefinition, NodeDefinition } from '../topology.ts'

/** Talos' shutdown grace, which the field failure was seen with. */
const talosShutdown = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }

export interface KindConfigInput {
  readonly definition: ClusterDefinition
  readonly mounts: readonly MountedFile[]
}

/** The KubeletConfiguration that the definition's nodes run with, beyond kind's own. */
export function kubeletConfiguration(definition: ClusterDefinition): Record<string, unknown> {
  return { ...talosShutdown, ...definition.kubelet }
}

/** kind's configuration file for the definition. */
export function kindConfig({ definition, mounts }: KindConfigInput): string {
  const patches = [
    { kind: 'KubeletConfiguration', ...kubeletConfiguration(definition) },
    ...componentPatch(definition),
    ...definition.kubeadmPatches,
  ]
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: definition.name,
    networking: {
      apiServerAddress: '127.0.0.1',
      ...(definition.network.apiPort === undefined ? {} : { apiServerPort: definition.network.apiPort }),
    },
    kubeadmConfigPatches: patches.map((patch) => stringify(patch)),
    nodes: definition.nodes.map((node) => ({
      role: kindRole(node),
      extraMounts: mounts.map((mount) => ({ ...mount, readOnly: true })),
    })),
  })
}

export function kindRole(node: NodeDefinition): 'control-plane' | 'worker' {
  return node.roles.includes('control-plane') ? 'control-plane' : 'worker'
}

/** kind's own names for the containers, in the order of the definition. */
export function kindNodeNames(cluster: string, nodes: readonly NodeDefinition[]): string[] {
  const seen = { 'control-plane': 0, worker: 0 }
  return nodes.map((node) => {
    const role = kindRole(node)
    seen[role] += 1
    return `${cluster}-${role}${seen[role] === 1 ? '' : seen[role]}`
  })
}

/** ClusterConfiguration with the definition's flags: a map up to v1beta3, a list from v1beta4 (kind: Kubernetes 1.36). */
function componentPatch(definition: ClusterDefinition): { kind: string; [field: string]: unknown }[] {
  const { apiServer, controllerManager, scheduler, etcd } = definition.components
  const args = (flags: Record<string, string>) =>
    minor(definition) >= 36 ? Object.entries(flags).map(([name, value]) => ({ name, value })) : flags
  const fields = {
    // A list replaces kind's own, so that kind's flags are said again.
    ...(apiServer && { apiServer: { extraArgs: args({ 'runtime-config': '', ...apiServer.extraArgs }) } }),
    ...(controllerManager && {
      controllerManager: {
        extraArgs: args({ 'enable-hostpath-provisioner': 'true', ...controllerManager.extraArgs }),
      },
    }),
    ...(scheduler && { scheduler: { extraArgs: args(scheduler.extraArgs) } }),
    ...(etcd && { etcd: { local: { extraArgs: args(etcd.extraArgs) } } }),
  }
  return Object.keys(fields).length === 0 ? [] : [{ kind: 'ClusterConfiguration', ...fields }]
}

function minor(definition: ClusterDefinition): number {
  return Number(definition.kubernetes.split('.')[1])
}
