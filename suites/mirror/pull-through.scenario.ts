import { scenario } from '../../harness/fixtures.ts'
import { newImage, pulls, pullsFromNeighbour, pullThrough, withMirror, workers } from './mirroring.ts'
import { joinsMirror } from './newcomer.ts'

/**
 * What is asked of Spegel, asked of a pull-through cache: what one machine has had comes from inside for the others, also
 * for one that joins, while the upstream is black-holed from the one that pulls.
 */
scenario('mirror.pull-through', { requires: ['join', 'containers', 'node-access'] }, (context) =>
  withMirror(context, pullThrough, async (mirroring) => {
    const { cluster } = mirroring
    const [first, second] = workers(cluster)
    const image = await newImage(mirroring, 'cached')
    await pulls(mirroring, first, image, 'upstream')
    await pullsFromNeighbour(mirroring, second, image, { since: cluster.journal.now() })
    await using newcomer = await joinsMirror(mirroring, 'joining')
    await pullsFromNeighbour(mirroring, newcomer.node, image, { since: newcomer.since })
  }),
)
