import { budget } from '../../harness/budgets/budget.ts'
import { instanceReady, peerFound } from '../../harness/budgets/mirror.ts'
import { explainMirror } from '../../harness/diagnosis/mirror.ts'
import { scenario } from '../../harness/fixtures.ts'
import { mirrorFacts } from '../../harness/probes/mirror-facts.ts'
import { mirrorInstances } from '../../harness/probes/mirror-instances.ts'
import { restartDaemonSet } from '../../harness/remedies/restart-daemonset.ts'
import { connected, newImage, pulls, pullsFromNeighbour, spegel, withMirror, workers } from './mirroring.ts'

/** The DaemonSet is rolled out anew: the new instances know what their machines had before them. */
scenario('mirror.daemonset-restart', { requires: ['containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, mirror } = mirroring
    const { electorate } = mirror
    if (electorate === null) throw new RangeError(`${mirror.name} has no DaemonSet`)
    const [holder, other] = workers(cluster)
    const image = await newImage(mirroring, 'kept')
    await pulls(mirroring, holder, image, 'upstream')
    const before = new Set((await mirrorInstances(cluster, mirror)).map(({ uid }) => uid))
    const since = await restartDaemonSet(cluster, electorate)
    // One instance after the other: the chart's updateStrategy is the API's default, maxUnavailable 1.
    const each = instanceReady(electorate.startup).terms
    const rolledOut = budget(...[...before].flatMap(() => each), ...peerFound.terms)
    await context.eventually('every instance is a new one, Ready, with a peer', {
      probe: () => mirrorInstances(cluster, mirror),
      until: (found) => connected(mirroring, found) && found.every(({ uid }) => !before.has(uid)),
      within: rolledOut,
      since,
      describe: (found) =>
        found
          .map(({ pod, ready, uid }) => `${pod} ${before.has(uid) ? 'old' : 'new'} ${ready ? 'Ready' : 'not Ready'}`)
          .join(', '),
      diagnose: async () => explainMirror(await mirrorFacts(cluster, mirror)),
    })
    context.measure('rolled out after', cluster.journal.now() - since, 'ms')
    await pullsFromNeighbour(mirroring, other, image, { since: cluster.journal.now() })
  }),
)
