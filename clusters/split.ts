import { defineCluster } from '../harness/topology.ts'

const etcd = ['etcd-1', 'etcd-2', 'etcd-3']

/** Roles on machines of their own, as with Kubespray's `etcd_deployment_type: host`: three of etcd alone. */
export default defineCluster({
  name: 'split',
  provider: 'kubeadm',
  nodes: [
    ...etcd.map((name) => ({ name, roles: ['etcd' as const] })),
    { name: 'cp', roles: ['control-plane'], after: etcd },
    { name: 'worker-1', roles: ['worker'] },
    { name: 'worker-2', roles: ['worker'] },
  ],
})
