import { budget } from '../budgets/budget.ts'
import { terminationGrace } from '../budgets/election.ts'
import { podStartup } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually } from '../eventually.ts'
import { judgedContext } from '../faults/wait-context.ts'
import { labelledPods, selectorOf } from '../probes/pods.ts'
import type { ElectionLock, Electorate } from './electorate.ts'

/** Pods of a DaemonSet that is deleted: the garbage collector's turn, and their own time to end. */
const removed = budget(terminationGrace, { ...podStartup, name: 'garbage collection' })

/** Waits until nothing of an electorate runs any more and removes its lock, so that the next one begins anew. */
export async function removeElectorate(cluster: StartedCluster, electorate: Electorate): Promise<void> {
  const { namespace, labels, name, lock } = electorate
  await eventually(judgedContext(cluster), `the pods of ${name} are gone`, {
    probe: () => labelledPods(cluster, namespace, selectorOf(labels)),
    until: (pods) => pods.length === 0,
    within: removed,
    describe: (pods) => `${pods.length} pods`,
  })
  if (lock !== null) await Promise.all(lockPaths(namespace, lock).map((path) => cluster.api.delete(path)))
}

/** The API paths of a lock's objects. */
export function lockPaths(namespace: string, { name, kinds }: ElectionLock): string[] {
  return kinds.map((kind) =>
    kind === 'Lease'
      ? `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`
      : `/api/v1/namespaces/${namespace}/configmaps/${name}`,
  )
}
