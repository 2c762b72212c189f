import { defineCluster } from '../harness/topology.ts'

/** kind's default topology by kubeadm alone: one control plane, two workers. */
export default defineCluster({
  name: 'kubeadm',
  provider: 'kubeadm',
  nodes: [
    { name: 'cp', roles: ['control-plane'] },
    { name: 'worker-1', roles: ['worker'] },
    { name: 'worker-2', roles: ['worker'] },
  ],
})
