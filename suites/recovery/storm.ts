import { daemonSetObjective } from '../../harness/budgets/daemonset.ts'
import { findNode } from '../../harness/cluster.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { formatDuration, parseDuration } from '../../harness/duration.ts'
import { rebootStorm, type Storm } from '../../harness/faults/reboot-storm.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { writeReplacements } from '../../harness/probes/daemonset-history.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { currentRun } from '../../harness/run.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { deployAgent } from '../../harness/workloads/agent.ts'
import { daemonSetPodsRun } from './daemonset-pods.ts'

export interface StormyNode {
  readonly worker: ClusterNode
  readonly storm: Storm
}

/** Waits until the worker has all its DaemonSet pods, the suite's own agent among them. */
export async function agentOnWorker(context: ScenarioContext): Promise<ClusterNode> {
  const { cluster } = context
  const worker = findNode(cluster, { role: 'worker' })
  await deployAgent(cluster)
  await daemonSetPodsRun(context, worker)
  return worker
}

/** Reboots a worker until a DaemonSet pod must wait longer than the objective allows, or as often as the run allows. */
export async function stormOnWorker(context: ScenarioContext): Promise<StormyNode> {
  const { cluster, measure } = context
  const worker = await agentOnWorker(context)
  const objectiveMs = parseDuration(cluster.definition.objectives.daemonSetRecovery)
  const { reboots } = currentRun()
  const storm = await rebootStorm(cluster, worker, { reboots, untilDelayMs: objectiveMs })
  measure('reboots in the storm', storm.reboots, '')
  measure('predicted back-off', storm.predictedDelayMs, 'ms')
  measure('predicted return after the node is Ready', storm.predictedAt - storm.nodeReadyAt, 'ms')
  return { worker, storm }
}

/**
 * The same storm, where a remedy is to be shown.
 * @throws where it does not reach a back-off beyond the objective: then there is nothing to cure
 */
export async function reachBackoff(context: ScenarioContext): Promise<StormyNode> {
  const node = await stormOnWorker(context)
  const { reboots, predictedDelayMs } = node.storm
  if (predictedDelayMs < parseDuration(context.cluster.definition.objectives.daemonSetRecovery)) {
    const reached = formatDuration(predictedDelayMs)
    throw new Error(`${reboots} reboots led to a back-off of ${reached} only: there is nothing to cure (--reboots)`)
  }
  return node
}

/** The objective, counted from when the remedy was applied, and the comparison with doing nothing. */
export async function objectiveIsBack(
  { cluster, eventually, measure }: ScenarioContext,
  { worker, storm }: StormyNode,
  appliedAt: number,
): Promise<void> {
  await eventually('every DaemonSet pod of the node is Ready within the objective', {
    probe: () => nodeDaemonSetState(cluster, worker),
    until: complete,
    within: daemonSetObjective(parseDuration(cluster.definition.objectives.daemonSetRecovery)),
    since: appliedAt,
    describe: describeState,
    diagnose: () => diagnoseRecovery(cluster, worker.name),
  })
  writeReplacements(cluster.journal, worker.name)
  measure('full recovery with the remedy', cluster.journal.now() - storm.nodeReadyAt, 'ms')
  measure('full recovery without it (predicted)', storm.predictedAt - storm.nodeReadyAt, 'ms')
}
