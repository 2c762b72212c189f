import { advertised } from '../../harness/budgets/mirror.ts'
import { findNodes } from '../../harness/cluster.ts'
import { registryBlackhole } from '../../harness/faults/registry-blackhole.ts'
import { scenario } from '../../harness/fixtures.ts'
import { askMirror, mirrorFacts } from '../../harness/probes/mirror-facts.ts'
import { newImage, pulls, questionOf, spegel, withMirror } from './mirroring.ts'
import { leadsTruly } from './newcomer.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'

/** One machine, which has nobody to get anything from: it serves what it has itself, and stands in nobody's way. */
scenario('mirror.single-node', { requires: ['containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, upstream, mirror } = mirroring
    const [only] = findNodes(cluster, {})
    if (only === undefined) throw new RangeError(`${cluster.name} has no machine`)
    const image = await newImage(mirroring, 'alone')
    await pulls(mirroring, only, image, 'upstream')
    await using _ = await registryBlackhole(cluster, [only], upstream.address)
    const question = { ...questionOf(mirroring, only, image), reference: image.digest }
    await context.eventually(`${mirror.name} serves what its own machine has`, {
      probe: () => askMirror(mirror, question),
      until: ({ status }) => status === 200,
      within: advertised,
      describe: ({ status, detail }) => `${status} ${detail}`,
      diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror, question)),
    })
    await leadsTruly(mirroring)
  }),
)
