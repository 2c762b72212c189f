import { defineCluster } from '../harness/topology.ts'
import split from './split.ts'

/** Split roles with one worker: others join. */
export default defineCluster({
  ...split,
  name: 'joining',
  nodes: split.nodes.filter(({ name }) => name !== 'worker-2'),
})
