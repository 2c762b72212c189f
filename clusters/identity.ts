import { type ClusterDefinition, defineCluster } from '../harness/topology.ts'

/** etcd beside the API server, and on a machine of its own. */
const layouts = {
  stacked: [{ name: 'cp', roles: ['control-plane', 'etcd'] }],
  apart: [
    { name: 'etcd', roles: ['etcd'] },
    { name: 'cp', roles: ['control-plane'], after: ['etcd'] },
  ],
} as const

const boots = { static: 'static', waits: 'wait-for-metadata', fallback: 'fallback-name' } as const

/** How late the metadata service is, in seconds. A machine that makes a name up waits for 3 s. */
const delays = [0, 5, 30] as const

/** An emulation of Talos on Hetzner Cloud: machines that boot before they know their names, in every combination. */
export const identityClusters: readonly ClusterDefinition[] = Object.entries(layouts).flatMap(([layout, nodes]) =>
  Object.entries(boots).flatMap(([name, boot]) =>
    delays.map((delay) =>
      defineCluster({
        name: `${layout}-${name}-${delay}s`,
        provider: 'kubeadm',
        nodes: nodes.map((node) => ({ ...node, roles: [...node.roles] })),
        identity: { boot, metadataAfter: `${delay}s` },
      }),
    ),
  ),
)

/** What `npm test` takes of them: each way of booting and each layout where it matters most, and once without delay. */
export const identitySample = identityClusters.filter(
  ({ name, identity }) => identity.metadataAfter === '5s' || name === 'stacked-fallback-0s',
)

/** Those whose second boot is looked at: with metadata at the first. */
export const rebootClusters = identityClusters.filter(
  ({ name }) => name === 'apart-waits-0s' || name === 'apart-fallback-0s',
)
