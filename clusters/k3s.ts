import { defineCluster } from '../harness/topology.ts'

/** k3s as its documentation begins: one server, whose datastore is SQLite, and two agents. */
export default defineCluster({
  name: 'k3s',
  provider: 'k3s',
  nodes: [
    { name: 'server', roles: ['control-plane'] },
    { name: 'agent-1', roles: ['worker'], after: ['server'] },
    { name: 'agent-2', roles: ['worker'], after: ['server'] },
  ],
})
