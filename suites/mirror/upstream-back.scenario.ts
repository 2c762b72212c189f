import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { registryBlackhole } from '../../harness/faults/registry-blackhole.ts'
import { scenario } from '../../harness/fixtures.ts'
import { pull } from '../../harness/probes/pull.ts'
import { imageReference } from '../../harness/registry/image.ts'
import { kubernetesNodes, newImage, obtains, pullsFromNeighbour, spegel, withMirror, workers } from './mirroring.ts'

/** As long as a user waits for a pull that cannot end well: containerd's own dial to the black hole takes 30 s. */
const patienceMs = 20_000

/**
 * What nobody has can be had from nowhere while the upstream is black-holed; once it is back, the pull falls through to
 * it, and the next machine gets it from the first one.
 */
scenario('mirror.upstream-back', { requires: ['containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, upstream } = mirroring
    const [first, second] = workers(cluster)
    const image = await newImage(mirroring, 'nobodys')
    {
      await using _ = await registryBlackhole(cluster, kubernetesNodes(cluster), upstream.address)
      const failed = await pull(first, imageReference(upstream.host, image), { withinMs: patienceMs })
      context.require('what nobody has is not pulled from nowhere', !failed.ok, () =>
        diagnosis(
          'mirror.upstream-asked',
          `${first.name} has pulled ${image.repository} although its only source is black-holed`,
        ),
      )
    }
    await obtains(mirroring, first, image)
    await pullsFromNeighbour(mirroring, second, image, { since: cluster.journal.now() })
  }),
)
