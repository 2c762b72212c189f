import { z } from 'zod'

import { findNode } from '../../harness/cluster.ts'
import { endProcesses, processes } from '../../harness/faults/kill-process.ts'
import { removeTable } from '../../harness/faults/nft-table.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { JournalRecord } from '../../harness/journal.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { configureRegistry } from '../../harness/registry/hosts-config.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { microTime } from '../election/sabotage.ts'
import { kubernetesNodes, workers } from './mirroring.ts'

/** What nodes call the upstream. */
const upstream = 'upstream.test'

/**
 * The second worker goes around its mirror: its container runtime is told of the upstream alone, and the black hole lets
 * everything through.
 */
export const mirrorBypassed: Sabotage = (cluster) => {
  const [, second] = workers(cluster)
  const armed = [
    when(cluster, faultIs('injecting', 'registry-blackhole', second), () => configureRegistry(second, upstream)),
    when(cluster, faultIs('struck', 'registry-blackhole', second), () => openBlackholes(second)),
  ]
  return Promise.resolve(undo(cluster, () => disarm(armed)))
}

/** The second worker asks the upstream alone once the first one has the image. */
export const mirrorForgotten: Sabotage = (cluster) => {
  const [first, second] = workers(cluster)
  const armed = when(
    cluster,
    ({ source, kind, subject }) => source === 'traffic' && kind === 'pulled' && subject === `node/${first.name}`,
    () => configureRegistry(second, upstream),
  )
  return Promise.resolve(undo(cluster, () => disarm([armed])))
}

/** A black hole that lets the first worker's packets through. */
export const blackholeLeaks: Sabotage = (cluster) => {
  const [first] = workers(cluster)
  const armed = when(cluster, faultIs('struck', 'registry-blackhole'), () => openBlackholes(first))
  return Promise.resolve(undo(cluster, () => disarm([armed])))
}

/**
 * Another holds the lock of an instance that says of itself that it leads. A renewal that had read the lock just before
 * writes over it, because client-go's MultiLock reads the Lease anew to update it: then it is taken again.
 */
export const lockTakenAway: Sabotage = (cluster) => {
  const lease = 'spegel-leader-election'
  const take = () =>
    cluster.api.patch(`/apis/coordination.k8s.io/v1/namespaces/spegel/leases/${lease}`, {
      spec: { holderIdentity: imposter, acquireTime: microTime(0), renewTime: microTime(Date.now()) },
    })
  const first = when(cluster, ({ source, kind }) => source === 'traffic' && kind === 'pulling', take)
  const again = when(cluster, (record) => isTakenBack(record, lease), take)
  return Promise.resolve(undo(cluster, () => disarm([first, again])))
}

const imposter = 'imposter'

/** Whether somebody has the Lease right after the one who took it away had. */
function isTakenBack({ source, kind, subject, data }: JournalRecord, lease: string): boolean {
  if (source !== 'api-watch' || kind !== 'MODIFIED' || subject !== `lease/spegel/${lease}`) return false
  const { holder, previous } = leaseChange.parse(data)
  return holder !== imposter && previous?.holder === imposter
}

const leaseChange = z.object({
  holder: z.string().nullable(),
  previous: z.object({ holder: z.string().nullable() }).nullish(),
})

/** The first machine's instance ends when another has joined, or left. */
export function instanceEndsWhen(event: 'joined' | 'left'): Sabotage {
  return (cluster) => {
    const first = findNode(cluster, {})
    const armed = when(
      cluster,
      ({ source, kind }) => source === 'cluster' && kind === event,
      async () => endProcesses(first, await processes(first, 'spegel')),
    )
    return Promise.resolve(undo(cluster, () => disarm([armed])))
  }
}

/** containerd listens where k3s' would. */
export const socketElsewhereToo: Sabotage = async (cluster) => {
  const nodes = kubernetesNodes(cluster)
  const link = 'mkdir -p /run/k3s/containerd && ln -s /run/containerd/containerd.sock /run/k3s/containerd/'
  await Promise.all(nodes.map((node) => node.exec(['sh', '-c', link])))
  return undo(cluster, () => Promise.all(nodes.map((node) => node.exec(['rm', '-r', '/run/k3s']))))
}

/** Takes away the rules that keep a machine from registries. */
async function openBlackholes(node: ClusterNode): Promise<void> {
  const { stdout } = await node.exec(['nft', 'list', 'tables'])
  for (const [, table] of stdout.matchAll(/^table (inet clusterproof-registry-\d+)$/gm)) {
    if (table !== undefined) await removeTable(node, table)
  }
}

function disarm(armed: readonly Disposable[]): Promise<void> {
  for (const each of armed) each[Symbol.dispose]()
  return Promise.resolve()
}
