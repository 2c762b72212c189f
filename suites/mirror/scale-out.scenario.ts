import { findNodes } from '../../harness/cluster.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { joinsMirror } from './newcomer.ts'
import { type InstallMirror, newImage, obtains, pullsFromNeighbour, spegel, withMirror } from './mirroring.ts'

/**
 * 1 → 2 → 3 machines. Each newcomer, from which the upstream is black-holed, pulls what only an older one has; the
 * instances that were there before serve on; and who says that it leads holds the lock.
 */
function scaleOut(install: InstallMirror) {
  return (context: ScenarioContext): Promise<void> =>
    withMirror(context, install, async (mirroring) => {
      const { cluster } = mirroring
      const [first] = findNodes(cluster, {})
      if (first === undefined) throw new RangeError(`${cluster.name} has no machine`)
      const oldest = await newImage(mirroring, 'oldest')
      await obtains(mirroring, first, oldest)

      await using second = await joinsMirror(mirroring, 'joining-2')
      {
        await pullsFromNeighbour(mirroring, second.node, oldest, { since: second.since })
      }
      const newer = await newImage(mirroring, 'newer')
      await obtains(mirroring, second.node, newer)

      await using third = await joinsMirror(mirroring, 'joining-3')
      await pullsFromNeighbour(mirroring, third.node, newer, { since: third.since })
      await pullsFromNeighbour(mirroring, third.node, oldest, { since: third.since })
    })
}

scenario('mirror.scale-out-v0.7.4', { requires: ['join', 'containers', 'node-access'] }, scaleOut(spegel('v0.7.4')))

scenario('mirror.scale-out-v0.0.14', { requires: ['join', 'containers', 'node-access'] }, scaleOut(spegel('v0.0.14')))
