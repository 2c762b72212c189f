import type { ClusterNode } from '../../harness/nodes/node.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { serverReady } from '../../harness/workloads/server.ts'

/** What is asked of the node after the fault holds before it. */
export async function daemonSetPodsRun(
  { cluster, given }: Pick<ScenarioContext, 'cluster' | 'given'>,
  node: ClusterNode,
): Promise<void> {
  await given('DaemonSet pods run on the node before the fault', {
    probe: () => nodeDaemonSetState(cluster, node),
    until: complete,
    within: serverReady,
    describe: describeState,
  })
}
