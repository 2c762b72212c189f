import { findNodes } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { removeManifest, restoreManifest } from '../../harness/nodes/static-pods.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { shell } from './machine-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// Two control planes, of which one stands by.
const scenarios = await scenariosOf(() => import('../election/control-plane.suite.ts'))

const program = 'kube-scheduler'

/** The one that led does not come back, and the one that stands by hangs. */
const nobodyTakesOver: Sabotage = (cluster) => {
  const nodes = findNodes(cluster, { role: 'control-plane' })
  const armed = when(cluster, faultIs('injecting', `kill ${program}`), ({ subject }) =>
    Promise.all(
      nodes.map((node) =>
        subject === `node/${node.name}` ? removeManifest(node, program) : shell(node, `pkill -STOP -x ${program}`),
      ),
    ),
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      for (const node of nodes) {
        await shell(node, `pkill -CONT -x ${program} || true`)
        await restoreManifest(node, program)
      }
    }),
  )
}

counter(scenarios, 'election.control-plane-leases', 'one that stands by and hangs', {
  expected: { outcome: 'violates', diagnosis: 'election.no-holder' },
  sabotage: nobodyTakesOver,
})

inSeededOrder()
