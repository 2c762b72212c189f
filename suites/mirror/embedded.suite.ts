import { scenario } from '../../harness/fixtures.ts'
import { embedded, newImage, pulls, pullsFromNeighbour, withMirror, workers } from './mirroring.ts'

/** What is asked of Spegel, asked of the mirror that k3s has in itself. */
scenario('mirror.embedded', { requires: ['embedded-registry', 'containers', 'node-access'] }, (context) =>
  withMirror(context, embedded, async (mirroring) => {
    const { cluster } = mirroring
    const [first, second] = workers(cluster)
    const image = await newImage(mirroring, 'embedded')
    await pulls(mirroring, first, image, 'upstream')
    await pullsFromNeighbour(mirroring, second, image, { since: cluster.journal.now() })
  }),
)
