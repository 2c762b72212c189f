import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { podStartup } from '../../harness/budgets/constants.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { parseDuration } from '../../harness/duration.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import { never } from '../../harness/eventually.ts'
import type { KubeList } from '../../harness/kube/api.ts'
import type { Node } from '../../harness/kube/types.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { nodeAilments } from '../../harness/probes/health.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { nodeStatus, readyAgain } from '../../harness/probes/node-status.ts'
import type { ScenarioContext } from '../../harness/scenario.ts'
import { isKubernetesNode, type NodeDefinition } from '../../harness/topology.ts'

/** Lets machines join, all at once, while the ones that are there stay Ready; returns them. */
export async function joined(
  context: ScenarioContext,
  definitions: readonly NodeDefinition[],
): Promise<readonly ClusterNode[]> {
  const { cluster } = context
  const work = Promise.all(definitions.map((definition) => cluster.join(definition)))
  await undisturbed(context, work)
  return await work
}

/** No machine that is there now ceases to be Ready while the work goes on. */
export async function undisturbed({ cluster }: ScenarioContext, work: Promise<unknown>): Promise<void> {
  const machines = cluster.nodes.filter(isKubernetesNode).map(({ name }) => name)
  await never(waitContext(cluster), 'a machine that was there before is not Ready', {
    probe: async () => {
      const { items } = await cluster.api.get<KubeList<Node>>('/api/v1/nodes')
      return nodeAilments(machines, items, cluster.boots)
    },
    until: (found) => found.length > 0,
    describe: (found) => found.join('; ') || 'all are Ready',
    diagnose: (found) => diagnosis('join.disturbed', (found ?? []).join('; ')),
    while: work,
  })
}

/** The machine is a Ready Node, and every DaemonSet has a Ready pod on it. */
export async function serves(
  { cluster, eventually, measure }: ScenarioContext,
  node: ClusterNode,
  since: number,
): Promise<void> {
  const within = nodeReadyAfterStart(parseDuration(cluster.definition.objectives.nodeBoot))
  const diagnose = async () => {
    const { stdout } = await node.exec(['systemctl', 'is-active', 'kubelet', 'containerd'], { reject: false })
    const [kubelet = '?', containerd = '?'] = stdout.split('\n')
    return diagnosis('join.node-not-ready', `${node.name}: kubelet is ${kubelet}, containerd is ${containerd}`)
  }
  await eventually(`${node.name} is Ready`, {
    probe: () => nodeStatus(cluster, node),
    until: readyAgain,
    within,
    since,
    diagnose,
  })
  measure(`${node.name} Ready after`, cluster.journal.now() - since, 'ms')
  await eventually(`DaemonSet pods run on ${node.name}`, {
    probe: () => nodeDaemonSetState(cluster, node),
    until: complete,
    within: extend(within, podStartup),
    since,
    describe: describeState,
    diagnose,
  })
  measure(`first pods of ${node.name} Ready after`, cluster.journal.now() - since, 'ms')
  measure(`memory of ${node.name}`, (await workingSetBytes(node)) / 2 ** 20, 'MiB')
}
