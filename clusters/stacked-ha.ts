import { defineCluster } from '../harness/topology.ts'

/** Three control planes with etcd on each, behind a load balancer. */
export default defineCluster({
  name: 'stacked-ha',
  provider: 'kubeadm',
  nodes: [
    { name: 'cp-1', roles: ['control-plane', 'etcd'] },
    { name: 'cp-2', roles: ['control-plane', 'etcd'] },
    { name: 'cp-3', roles: ['control-plane', 'etcd'] },
    { name: 'worker', roles: ['worker'] },
  ],
})
