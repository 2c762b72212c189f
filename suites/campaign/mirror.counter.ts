import { findNodes } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { configureRegistry } from '../../harness/registry/hosts-config.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// Where machines have their images from.
const scenarios = await scenariosOf(() => import('../mirror/mirror.suite.ts'))

/** What nodes call the upstream, and a port on which nothing listens. */
const [upstream, nowhere] = ['upstream.test', 'http://127.0.0.1:9'] as const

/** The second worker asks for its mirror where there is none, from when the upstream is taken away from it. */
const mirrorElsewhere: Sabotage = (cluster) => {
  const [, second] = findNodes(cluster, { role: 'worker' })
  if (second === undefined) throw new RangeError(`${cluster.name} has fewer than two workers`)
  const armed = when(cluster, faultIs('injecting', 'registry-blackhole', second), () =>
    configureRegistry(second, upstream, { mirrors: [nowhere] }),
  )
  return Promise.resolve(undo(cluster, () => Promise.resolve(armed[Symbol.dispose]())))
}

counter(scenarios, 'mirror.containerd-restart', 'a machine that looks for its mirror at another port', {
  expected: { outcome: 'violates', diagnosis: 'mirror.not-asked' },
  sabotage: mirrorElsewhere,
})

inSeededOrder()
