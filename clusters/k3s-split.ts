import { defineCluster } from '../harness/topology.ts'

const etcd = ['etcd-1', 'etcd-2', 'etcd-3']

/** k3s with dedicated servers: three for etcd, one for the control plane, and an agent. */
export default defineCluster({
  name: 'k3s-split',
  provider: 'k3s',
  nodes: [
    ...etcd.map((name) => ({ name, roles: ['etcd' as const] })),
    { name: 'control-plane', roles: ['control-plane'], after: etcd },
    { name: 'agent', roles: ['worker'], after: ['control-plane'] },
  ],
})
