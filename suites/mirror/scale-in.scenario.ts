import { providerRecord } from '../../harness/budgets/mirror.ts'
import { findNodes } from '../../harness/cluster.ts'
import { scenario } from '../../harness/fixtures.ts'
import { mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import { neverUnready, newImage, obtains, pulls, pullsFromNeighbour, spegel, withMirror } from './mirroring.ts'
import { joinsMirror } from './newcomer.ts'

/** 3 → 2 machines: what others have still comes from them, and what only the leaver had comes from the upstream again. */
scenario('mirror.scale-in', { requires: ['join', 'containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, mirror } = mirroring
    const [first] = findNodes(cluster, {})
    if (first === undefined) throw new RangeError(`${cluster.name} has no machine`)
    await using second = await joinsMirror(mirroring, 'joining-2')
    await using third = await joinsMirror(mirroring, 'joining-3')
    const shared = await newImage(mirroring, 'shared')
    const leavers = await newImage(mirroring, 'leavers')
    await obtains(mirroring, first, shared)
    await pulls(mirroring, third.node, leavers, 'upstream')
    await pullsFromNeighbour(mirroring, third.node, shared, { since: cluster.journal.now() })

    const staying = (await mirrorInstances(cluster, mirror)).filter(({ node }) => node !== third.node.name)
    const leftAt = cluster.journal.now()
    await cluster.leave(third.node)
    await pullsFromNeighbour(mirroring, second.node, shared, { since: leftAt, besides: [providerRecord] })
    await pulls(mirroring, second.node, leavers, 'upstream')
    neverUnready(
      mirroring,
      staying.map(({ pod }) => pod),
      leftAt,
    )
  }),
)
