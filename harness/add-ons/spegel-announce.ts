import { instanceReady } from '../budgets/mirror.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually } from '../eventually.ts'
import { judgedContext } from '../faults/wait-context.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { candidates } from '../probes/candidates.ts'
import type { Electorate } from './electorate.ts'

/**
 * Starts a node's instance anew where it would not learn of what the node got. Spegel from v0.7 on hears of new content
 * by containerd's event /content/create, which containerd has from 2.0 on. With an older one its instance learns of a new
 * image's name, and of nothing in it before it walks through the store: when it starts, and every nine minutes.
 * @returns whether it was started anew: its container runs then
 */
export async function walkAnew(
  cluster: Pick<StartedCluster, 'api' | 'journal' | 'host'>,
  electorate: Electorate,
  node: ClusterNode,
): Promise<boolean> {
  const { stdout } = await node.exec(['containerd', '--version'])
  if (!hasNoContentEvents(stdout)) return false
  const old = (await candidates(cluster, electorate)).find((candidate) => candidate.node === node.name)
  if (old === undefined) return false
  await cluster.api.delete(`/api/v1/namespaces/${electorate.namespace}/pods/${old.pod}`)
  await eventually(judgedContext(cluster), `the instance of ${node.name} runs anew`, {
    probe: () => candidates(cluster, electorate),
    until: (found) =>
      found.some(({ node: on, uid, startedAt }) => on === node.name && uid !== old.uid && startedAt !== null),
    within: instanceReady(electorate.startup),
    describe: (found) => found.map(({ pod, ready }) => `${pod} ${ready ? 'Ready' : 'not Ready'}`).join(', '),
  })
  return true
}

/** Whether `containerd --version` is one from before 2.0: `containerd github.com/containerd/containerd 1.7.24~ds1 …`. */
export function hasNoContentEvents(version: string): boolean {
  return / v?[01]\.\d+\./.test(version)
}
