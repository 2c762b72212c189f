import { restartContainerd } from '../../harness/faults/restart-containerd.ts'
import { scenario } from '../../harness/fixtures.ts'
import { findsPeers, newImage, obtains, pulls, pullsFromNeighbour, spegel, withMirror, workers } from './mirroring.ts'

/** containerd is restarted below an instance: what its machine has, and what it gets from then on, is found again. */
scenario('mirror.containerd-restart', { requires: ['containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster } = mirroring
    const [restarted, other] = workers(cluster)
    const before = await newImage(mirroring, 'before-restart')
    const after = await newImage(mirroring, 'after-restart')
    await pulls(mirroring, restarted, before, 'upstream')
    await using fault = await restartContainerd(cluster, restarted)
    await findsPeers(mirroring, fault.injectedAt)
    await obtains(mirroring, restarted, after)
    const since = cluster.journal.now()
    await pullsFromNeighbour(mirroring, other, before, { since })
    await pullsFromNeighbour(mirroring, other, after, { since })
  }),
)
