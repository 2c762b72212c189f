import path from 'node:path'

import { defaultCluster } from '../../clusters/index.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { HostMonitor } from '../../harness/host-monitor.ts'
import { Journal } from '../../harness/journal.ts'
import { startCluster } from '../../harness/providers/start.ts'
import type { Run } from '../../harness/run.ts'
import type { ClusterDefinition } from '../../harness/topology.ts'
import { median } from './figures.ts'
import type { Figure } from './figures.ts'

/** Starts a cluster, uses it, and removes it; `name` is its journal's. */
export async function onCluster<T>(
  run: Run,
  name: string,
  definition: ClusterDefinition,
  use: (cluster: StartedCluster) => Promise<T>,
): Promise<T> {
  using journal = new Journal(path.join(run.out, 'journal', `${name}-${run.id}.jsonl`), run.clock)
  using host = new HostMonitor(run.clock)
  await using cluster = await startCluster(definition, { run, journal, host })
  return await use(cluster)
}

/** From `kind create` until every node and all of kube-system are Ready. */
export function startUpFigure(readyAfterMs: readonly number[]): Figure {
  const seconds = readyAfterMs.map((ms) => ms / 1_000)
  const nodes = defaultCluster.nodes.length
  return {
    name: `kind create to all Ready, ${nodes} nodes`,
    goal: 35,
    measured: median(seconds),
    unit: 's',
    detail: `median of ${seconds.length}, ${Math.min(...seconds).toFixed(1)} to ${Math.max(...seconds).toFixed(1)} s`,
  }
}
