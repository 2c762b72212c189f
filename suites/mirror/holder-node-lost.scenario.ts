import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { instanceReady, peerFound, providerRecord } from '../../harness/budgets/mirror.ts'
import { parseDuration } from '../../harness/duration.ts'
import { powerCut } from '../../harness/faults/power-cut.ts'
import { scenario } from '../../harness/fixtures.ts'
import {
  announced,
  findsPeers,
  newImage,
  obtains,
  pullsFromNeighbour,
  spegel,
  withMirror,
  workers,
} from './mirroring.ts'

/** A machine that has the image loses its power: who still has it serves it, and the machine finds its peers again. */
scenario('mirror.holder-node-lost', { requires: ['containers', 'node-access', 'power'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, mirror } = mirroring
    const [lost, other, controlPlane] = workers(cluster)
    const image = await newImage(mirroring, 'lost')
    await obtains(mirroring, lost, image)
    await pullsFromNeighbour(mirroring, controlPlane, image, { since: cluster.journal.now() })
    await announced(mirroring, controlPlane)

    await using fault = await powerCut(cluster, lost)
    await pullsFromNeighbour(mirroring, other, image, { since: fault.injectedAt, besides: [providerRecord] })
    const backAt = await fault.heal()
    const boot = nodeReadyAfterStart(parseDuration(cluster.definition.objectives.nodeBoot))
    const { electorate } = mirror
    await findsPeers(
      mirroring,
      backAt,
      extend(boot, ...(electorate === null ? [] : instanceReady(electorate.startup).terms), ...peerFound.terms),
    )
  }),
)
