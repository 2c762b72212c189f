import { leaseRenewed, nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { podStartup } from '../../harness/budgets/constants.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { parseDuration } from '../../harness/duration.ts'
import type { KubeList } from '../../harness/kube/api.ts'
import type { Node } from '../../harness/kube/types.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { nodeAilments } from '../../harness/probes/health.ts'
import { silentNodes } from '../../harness/probes/leases.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { nodeStatus, readyAgain, readySince } from '../../harness/probes/node-status.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { isKubernetesNode, type NodeDefinition } from '../../harness/topology.ts'

/** Machines that have joined; they leave where they go out of scope, unless they have left before. */
export interface Newcomers extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[]
  /** When the first of them was asked for, in milliseconds of the run's clock. */
  readonly since: number
  readonly others: Others
}

/** The machines of Kubernetes that were there before something joined or left, and stay. */
export interface Others {
  readonly names: readonly string[]
  /** When that was over, in milliseconds since the epoch. */
  readonly overAt: number
}

/** Lets machines join, all at once, while the ones that are there stay Ready. */
export async function joined(context: ScenarioContext, definitions: readonly NodeDefinition[]): Promise<Newcomers> {
  const { cluster } = context
  const since = cluster.journal.now()
  const joins = definitions.map((definition) => cluster.join(definition))
  const work = Promise.all(joins)
  let others: Others
  try {
    others = await undisturbed(context, work)
  } catch (error) {
    // Who joins nevertheless must not stay for the scenarios that follow.
    for (const join of await Promise.allSettled(joins)) {
      if (join.status === 'fulfilled') await cluster.leave(join.value).catch(() => undefined)
    }
    throw error
  }
  const nodes = await work
  return {
    nodes,
    since,
    others,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) if (cluster.nodes.includes(node)) await cluster.leave(node)
    },
  }
}

/** The only one of them. */
export function only({ nodes: [node] }: Newcomers): ClusterNode {
  if (node === undefined) throw new RangeError('nothing has joined')
  return node
}

/** No machine that is there now, but for the one that leaves, ceases to be Ready while the work goes on. */
export async function undisturbed(
  { cluster, never }: ScenarioContext,
  work: Promise<unknown>,
  leaving?: ClusterNode,
): Promise<Others> {
  const names = cluster.nodes.filter((node) => isKubernetesNode(node) && node !== leaving).map(({ name }) => name)
  // What has ceased and come back between two looks shows by this.
  let before: ReadonlyMap<string, unknown> | undefined
  await never('a machine that was there before ceases to be Ready', {
    probe: async () => {
      const { items } = await cluster.api.get<KubeList<Node>>('/api/v1/nodes')
      const since = new Map(items.map((node) => [node.metadata.name, readySince(node)]))
      const first = (before ??= since)
      const meanwhile = names.filter((name) => since.get(name) !== first.get(name))
      return [
        ...nodeAilments(names, items, cluster.boots),
        ...meanwhile.map((name) => `node ${name} was not Ready until ${String(since.get(name))}`),
      ]
    },
    until: (found) => found.length > 0,
    describe: (found) => found.join('; ') || 'all are Ready',
    diagnose: (found) => diagnosis('join.disturbed', (found ?? []).join('; ')),
    while: work,
  })
  return { names, overAt: Date.now() }
}

/** Each of them reports after it: a Node whose kubelet has fallen silent stays Ready for 40 s and more. */
export async function reportStill({ cluster, eventually }: ScenarioContext, { names, overAt }: Others): Promise<void> {
  await eventually('the machines that were there before report still', {
    probe: () => silentNodes(cluster, names, overAt),
    until: (silent) => silent.length === 0,
    within: leaseRenewed,
    describe: (silent) => silent.join(', ') || 'all have renewed their leases',
    diagnose: (silent) => diagnosis('join.disturbed', `${silent?.join(', ') ?? 'a machine'} reports no more`),
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
