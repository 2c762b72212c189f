import { defineCluster } from '../harness/topology.ts'

/** Two control planes, so that one stands by, and an etcd of its own, which needs no majority of them. */
export default defineCluster({
  name: 'standby',
  provider: 'kubeadm',
  nodes: [
    { name: 'etcd-1', roles: ['etcd'] },
    { name: 'cp-1', roles: ['control-plane'], after: ['etcd-1'] },
    { name: 'cp-2', roles: ['control-plane'], after: ['etcd-1'] },
  ],
})
