import { defineCluster } from '../harness/topology.ts'

/** The default cluster: one control plane and two workers, made by kind. */
export default defineCluster({
  name: 'kind',
  provider: 'kind',
  nodes: [
    { name: 'control-plane', roles: ['control-plane', 'etcd'] },
    { name: 'worker-1', roles: ['worker'], after: ['control-plane'] },
    { name: 'worker-2', roles: ['worker'], after: ['control-plane'] },
  ],
})
