import { nodeReadyAfterReboot } from '../budgets/boot.ts'
import { afterDeletion, daemonSetBackoff } from '../budgets/daemonset.ts'
import type { StartedCluster } from '../cluster.ts'
import { parseDuration } from '../duration.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { daemonSetHistory, pendingReplacements, shortestStart, writeReplacements } from '../probes/daemonset-history.ts'
import { nodeStatus, readyAgain } from '../probes/node-status.ts'
import { complete, describeState, nodeDaemonSetState } from '../probes/node-daemonsets.ts'
import { reboot } from './reboot.ts'
import { judgedContext } from './wait-context.ts'

export interface Storm {
  readonly reboots: number
  /** When the node was Ready after the last reboot, on the run's clock. */
  readonly nodeReadyAt: number
  /** The longest back-off that a replacement waits out at the end, in milliseconds. */
  readonly predictedDelayMs: number
  /** When that replacement is due, on the run's clock. */
  readonly predictedAt: number
}

export interface StormOptions {
  /** Reboots at most. */
  readonly reboots: number
  /** The storm ends early once a pod cannot be Ready again until this long after the node, in milliseconds. */
  readonly untilDelayMs: number
}

/**
 * Graceful reboots in a row, each as soon as the node's DaemonSet pods are back from the one before and the controller
 * would replace the next failed one at once: then each reboot fails two pods, the one that ran and its replacement, and
 * doubles the delay twice. It ends with a node that is Ready and a DaemonSet pod that is not.
 * @throws {ExpectationFailed} where they do not come back in time, unless that was the host's doing
 */
export async function rebootStorm(cluster: StartedCluster, node: ClusterNode, options: StormOptions): Promise<Storm> {
  const { journal, constants, definition } = cluster
  const context = judgedContext(cluster)
  const boot = nodeReadyAfterReboot(constants.shutdownGracePeriodMs, parseDuration(definition.objectives.nodeBoot))
  for (let count = 1; ; count += 1) {
    await using fault = await reboot(cluster, node)
    await eventually(context, `${node.name} is Ready after reboot ${count}`, {
      probe: () => nodeStatus(cluster, node),
      until: readyAgain,
      within: boot,
      since: fault.injectedAt,
    })
    const nodeReadyAt = journal.now()
    const [longest] = pendingReplacements(writeReplacements(journal, node.name))
    const storm: Storm = {
      reboots: count,
      nodeReadyAt,
      predictedDelayMs: longest?.predictedDelayMs ?? 0,
      predictedAt: longest?.predictedAt ?? nodeReadyAt,
    }
    journal.append('fault', 'storm', `node/${node.name}`, storm)
    if (count >= options.reboots || outlasts(cluster, node, storm, options.untilDelayMs)) return storm
    const back = () => nodeDaemonSetState(cluster, node)
    const wait = eventually(context, `DaemonSet pods are back after reboot ${count}`, {
      probe: back,
      until: (state) =>
        complete(state) && worthRebooting(restEndsAt(cluster, node) - journal.now(), options.untilDelayMs),
      within: daemonSetBackoff(Math.max(0, restEndsAt(cluster, node) - nodeReadyAt)),
      describe: describeState,
    })
    await wait.catch(async (error: unknown) => {
      // Late for the host's sake says nothing of the cluster, and what the storm is for is judged when it is over.
      const excused = error instanceof ExpectationFailed && error.excuse !== null && complete(await back())
      if (!excused) throw error
      journal.append('host', 'slow', cluster.name, error.excuse)
    })
  }
}

/** How exactly a pod's return is predicted: a node's heartbeat, which its readiness is judged by, has whole seconds. */
const precisionMs = 1_000

/** Whether the pod that waits longest returns after that time for sure: when it is due, and the quickest start so far. */
function outlasts({ journal }: StartedCluster, node: ClusterNode, storm: Storm, untilDelayMs: number): boolean {
  if (storm.predictedAt <= storm.nodeReadyAt) return false
  const returnsAt = storm.predictedAt + shortestStart(journal.records(), node.name)
  return returnsAt - storm.nodeReadyAt >= untilDelayMs + precisionMs
}

/**
 * Whether the next reboot takes the storm on: either it fails two pods and doubles the delay twice, or the first pod
 * that it fails must wait for so much longer than the storm aims at that the boot in between does not matter.
 */
function worthRebooting(restMs: number, untilDelayMs: number): boolean {
  return restMs <= 0 || restMs >= untilDelayMs * 1.5
}

/** When every back-off of the node is over, for the pods that wait and for those that may fail next. */
function restEndsAt({ journal }: StartedCluster, node: ClusterNode): number {
  const history = daemonSetHistory(journal.records(), node.name)
  const waiting = new Map(pendingReplacements(history).map(({ owner, predictedAt }) => [owner, predictedAt]))
  const ends = [...history.backoff].map(([owner, state]) => {
    const due = waiting.get(owner)
    const after = due === undefined ? state : afterDeletion(state, due)
    return after.lastDeletionAt + after.delayMs
  })
  return Math.max(0, ...waiting.values(), ...ends)
}
