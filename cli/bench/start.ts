import type { StartedCluster } from '../../harness/cluster.ts'
import { HostMonitor } from '../../harness/host-monitor.ts'
import type { Journal } from '../../harness/journal.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { startCluster } from '../../harness/providers/start.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'
import { noteAnswering } from './answering.ts'
import type { Arena } from './arena.ts'
import type { Contender } from './contenders.ts'
import { startFloor } from './floor.ts'
import { machineRole } from './machine-roles.ts'
import { restore } from './restore.ts'
import type { MachineMemory } from './startup-tables.ts'
import { type Milestone, milestones, waitedLastFor } from './waterfall.ts'

/** One start of one contender. */
export interface Start {
  readonly image: string
  /** Until all its nodes were Ready and CoreDNS answered; of the floor: until `/readyz` said yes. In milliseconds. */
  readonly readyAfterMs: number
  /** Until all of kube-system was Ready too, where there is one. */
  readonly healthyAfterMs: number | null
  readonly memory: readonly MachineMemory[]
  readonly reached: readonly Milestone[]
  readonly waitedLastFor: string
}

/** Starts the contender, looks at what has come of it, and removes it. */
export async function startOnce(arena: Arena, contender: Contender, round: number): Promise<Start> {
  using journal = arena.journal(`startup-${contender.name}-${round}`)
  switch (contender.kind) {
    case 'floor':
      return await theFloor(arena, journal, contender.kubernetes)
    case 'snapshot':
      return await fromSnapshot(arena, journal, contender.definition)
    case 'cluster':
      return await anew(arena, journal, contender.definition)
  }
}

async function anew(arena: Arena, journal: Journal, definition: ClusterDefinition): Promise<Start> {
  const { run } = arena
  const severalOfKind = definition.provider === 'kind' && controlPlanes(definition) > 1
  if (severalOfKind) await arena.loadBalancer(definition.kubernetes)
  using host = new HostMonitor(run.clock)
  const ended = new AbortController()
  const answering = noteAnswering(journal, definition, ended.signal)
  // Awaited below; a cluster that never started has nothing to answer.
  answering.catch(() => undefined)
  try {
    await using cluster = await startCluster(definition, { run, journal, host })
    await answering
    const begun = beginning(journal, cluster.name)
    return {
      ...(await look(journal, cluster)),
      readyAfterMs: (await answering).t - begun,
      healthyAfterMs: cluster.readyAfterMs,
    }
  } finally {
    ended.abort(new Error('the cluster is gone'))
  }
}

function controlPlanes({ nodes }: ClusterDefinition): number {
  return nodes.filter(({ roles }) => roles.includes('control-plane')).length
}

async function fromSnapshot(arena: Arena, journal: Journal, definition: ClusterDefinition): Promise<Start> {
  await using cluster = await restore(arena.run, journal, await arena.snapshot(definition))
  return {
    ...(await look(journal, cluster)),
    readyAfterMs: cluster.answeringAfterMs,
    healthyAfterMs: cluster.healthyAfterMs,
  }
}

async function theFloor(arena: Arena, journal: Journal, kubernetes: string): Promise<Start> {
  const image = await arena.image(kubernetes)
  const files = await arena.floorFiles(kubernetes)
  const name = `floor-${arena.run.id}`
  await using floor = await startFloor(arena.run, journal, { name, image, files })
  const { memory: _, ...seen } = await look(journal, { name, nodes: [floor.node] })
  // Of what runs there, a machine of a cluster has much more: no figure of one.
  return { ...seen, memory: [], readyAfterMs: floor.readyAfterMs, healthyAfterMs: null }
}

/** When the provider began, in milliseconds of the run's clock. */
function beginning(journal: Journal, cluster: string): number {
  const begun = journal
    .records()
    .find(({ source, kind, subject }) => source === 'cluster' && kind === 'creating' && subject === cluster)
  if (begun === undefined) throw new RangeError(`the journal does not say when ${cluster} was begun`)
  return begun.t
}

/** What there is to know of what has just become Ready. */
async function look(
  journal: Journal,
  { name, nodes }: Pick<StartedCluster, 'name'> & { readonly nodes: readonly ClusterNode[] },
): Promise<Omit<Start, 'readyAfterMs' | 'healthyAfterMs'>> {
  const memory = await Promise.all(
    nodes.map(async (node) => {
      const bytes = await workingSetBytes(node)
      journal.append('probe', 'memory', `node/${node.name}`, { bytes })
      return { role: machineRole(node, nodes), bytes }
    }),
  )
  const records = journal.records()
  return {
    image: records.find(({ source, kind }) => source === 'cluster' && kind === 'image')?.subject ?? '',
    memory,
    reached: milestones(records, name),
    waitedLastFor: waitedLastFor(records, name),
  }
}
