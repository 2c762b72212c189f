import { defineCluster } from '../harness/topology.ts'

/** A control plane and a worker whose pods' packets are subject to NetworkPolicy. */
export default defineCluster({
  name: 'policed',
  provider: 'kubeadm',
  nodes: [
    { name: 'cp', roles: ['control-plane'] },
    { name: 'worker', roles: ['worker'] },
  ],
  network: { policy: 'kube-router' },
})
