import type { StartedCluster } from '../../harness/cluster.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { run as execute } from '../../harness/process.ts'
import type { Run } from '../../harness/run.ts'
import { onCluster } from './clusters.ts'
import { type Contender, contenders, reference, roundOrder } from './contenders.ts'
import { describeMachines, machineRole } from './machine-roles.ts'
import type { Report } from './report.ts'
import { type MachineMemory, type Measured, memoryTable, ratioFigures, startupTable } from './startup-tables.ts'
import { medianMilestones, type Milestone, milestones, waitedLastFor, waterfalls } from './waterfall.ts'

/** One start of one cluster. */
interface Start {
  /** Containers that ran on the engine when it began: not its own, and in its way. */
  readonly neighbours: number
  readonly image: string
  readonly readyAfterMs: number
  readonly memory: readonly MachineMemory[]
  readonly reached: readonly Milestone[]
  readonly waitedLastFor: string
}

/** Starts every contender once a round, one at a time, and compares what each took with the reference of its round. */
export async function compareStartup(run: Run, repeat: number): Promise<Report> {
  const starts = new Map<Contender, Start[]>(contenders.map((contender) => [contender, []]))
  for (let round = 1; round <= repeat; round += 1) {
    for (const contender of roundOrder(contenders, round)) {
      const { definition } = contender
      const neighbours = await runningContainers()
      const seen = await onCluster(run, `startup-${definition.name}-${round}`, definition, look)
      starts.get(contender)?.push({ ...seen, neighbours })
      const took = (seen.readyAfterMs / 1_000).toFixed(1)
      console.log(`round ${round} of ${repeat}: ${definition.name} Ready after ${took} s${beside(neighbours)}`)
    }
  }
  return report(starts)
}

async function runningContainers(): Promise<number> {
  const { stdout } = await execute('docker', ['ps', '--quiet'])
  return stdout.split('\n').filter((id) => id !== '').length
}

function beside(containers: number): string {
  return containers === 0 ? '' : `, beside ${containers} other container${containers === 1 ? '' : 's'}`
}

/** What there is to know of a cluster that has just become Ready. */
async function look(cluster: StartedCluster): Promise<Omit<Start, 'neighbours'>> {
  const { name, nodes, journal, readyAfterMs } = cluster
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
    readyAfterMs,
    memory,
    reached: milestones(records, name),
    waitedLastFor: waitedLastFor(records, name),
  }
}

/** @throws {Error} where not all were made of one image: then there is nothing to compare */
function report(starts: ReadonlyMap<Contender, readonly Start[]>): Report {
  const all = [...starts.values()].flat()
  const images = new Set(all.map(({ image }) => image))
  if (images.size !== 1) throw new Error(`clusters of different node images were started: ${[...images].join(', ')}`)
  const measured = [...starts].map(([contender, own]) => summary(contender, own))
  const base = summary(reference, starts.get(reference) ?? [])
  const falls = [...starts].map(([{ definition }, own]) => ({
    title: `${definition.name}, ${describeMachines(definition.nodes)}`,
    reached: medianMilestones(own.map(({ reached }) => reached)),
    waitedLastFor: own.at(-1)?.waitedLastFor ?? '',
  }))
  const disturbed = all.filter(({ neighbours }) => neighbours > 0).length
  const text = [
    `node image ${[...images].join('')}; Ready: every node and all of kube-system`,
    ...(disturbed === 0
      ? []
      : [`${disturbed} of ${all.length} starts had other containers beside them: do not rely on these`]),
    startupTable(measured, base),
    memoryTable(measured),
    waterfalls(falls),
  ].join('\n\n')
  return { figures: ratioFigures(measured, base), text }
}

function summary({ definition, goal }: Contender, starts: readonly Start[]): Measured {
  return {
    name: definition.name,
    machines: describeMachines(definition.nodes),
    goal: goal ?? null,
    readyAfterMs: starts.map(({ readyAfterMs }) => readyAfterMs),
    memory: starts.flatMap(({ memory }) => memory),
  }
}
