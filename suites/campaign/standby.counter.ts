import { findNodes } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { removeManifest, restoreManifest } from '../../harness/nodes/static-pods.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { shell } from './machine-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// Two control planes, of which one stands by.
const scenarios = await scenariosOf(() => import('../election/control-plane.suite.ts'))

const program = 'kube-scheduler'

/**
 * The one that stands by hangs before the other is killed, and that one does not come back: its manifest is taken away only
 * then, because it would end before somebody can kill it.
 */
const nobodyTakesOver: Sabotage = (cluster) => {
  const nodes = findNodes(cluster, { role: 'control-plane' })
  const armed = new DisposableStack()
  for (const node of nodes) {
    const others = nodes.filter((other) => other !== node)
    const hang = () => Promise.all(others.map((other) => shell(other, `pkill -STOP -x ${program}`)))
    armed.use(when(cluster, faultIs('injecting', `kill ${program}`, node), hang))
    armed.use(when(cluster, faultIs('struck', `kill ${program}`, node), () => removeManifest(node, program)))
  }
  return Promise.resolve(
    undo(cluster, async () => {
      armed.dispose()
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
