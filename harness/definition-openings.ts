import type { ClusterDefinition } from './topology.ts'

/**
 * What a definition reaches beyond the containers of its own cluster, each by the field that says so. A definition without
 * any reaches nothing: it can name no file and no folder of this machine, and what its machines send stays among them.
 */
export function openings({ name, provider, network, nodes, nodeImage, etcd, kubeconfig }: ClusterDefinition): string[] {
  const commands = nodes.flatMap(({ command, power }) => [command, power?.on, power?.off, power?.cut])
  const programs = [...new Set(commands.flatMap((command) => command?.[0] ?? []))]
  return [
    ...(provider !== 'existing' && network.egress === 'open'
      ? ['network.egress: its machines and pods reach whatever this machine reaches']
      : []),
    ...(nodeImage === undefined ? [] : [`nodeImage: privileged containers are made of ${nodeImage}`]),
    ...(etcd.authority === undefined ? [] : [`etcd.authority: its machines are given ${etcd.authority.key}`]),
    ...(kubeconfig === undefined ? [] : [`kubeconfig: scenarios break things in the cluster of ${kubeconfig}`]),
    ...(programs.length === 0 ? [] : [`nodes[].command, nodes[].power: this machine runs ${programs.join(', ')}`]),
  ].map((opening) => `${name}: ${opening}`)
}
