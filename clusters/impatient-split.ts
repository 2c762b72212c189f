import { defineCluster } from '../harness/topology.ts'
import impatient from './impatient.ts'
import split from './split.ts'

/** Split roles with the short limits of the counter-tests. */
export default defineCluster({
  ...split,
  name: 'impatient-split',
  kubelet: impatient.kubelet,
  components: impatient.components,
  objectives: impatient.objectives,
})
