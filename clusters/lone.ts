import { defineCluster } from '../harness/topology.ts'

/** One machine, which others join. */
export default defineCluster({
  name: 'lone',
  provider: 'kubeadm',
  nodes: [{ name: 'cp', roles: ['control-plane'] }],
})
