import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { waitContext } from '../faults/wait-context.ts'
import { KubeApiError } from '../kube/api.ts'
import type { Served } from '../kube/types.ts'
import { type Run, runLabel } from '../run.ts'
import { UserError } from '../user-error.ts'
import { namespace } from '../workloads/server.ts'

type Cluster = Pick<StartedCluster, 'name' | 'api' | 'journal'>

const path = `/api/v1/namespaces/${namespace}`

const gone = budget({
  name: 'removal of a namespace',
  ms: 60_000,
  source: "harness: twice Kubernetes' default terminationGracePeriodSeconds, 30 s",
})

/**
 * Makes the namespace that scenarios deploy into, with the run's label, and returns what removes it. One that another run
 * has left, because it was ended early, is replaced. One that bears no such label is somebody else's: it is used, and
 * stays.
 * @throws {UserError} where one is on its way out and does not go
 * @throws {KubeApiError} where this user may make none
 */
export async function claimNamespace(cluster: Cluster, run: Pick<Run, 'id'>): Promise<() => Promise<void>> {
  const { name, api } = cluster
  const found = await read(cluster)
  if (found !== null) {
    const { deletionTimestamp, labels } = found.metadata
    if (deletionTimestamp === undefined) {
      if (labels?.[runLabel] === undefined) return () => Promise.resolve()
      await api.delete(path)
    }
    await absent(cluster).catch((cause: unknown) => {
      throw new UserError(`${name}: the namespace ${namespace} is being deleted and does not go`, {
        hint: `kubectl get namespace ${namespace} --output yaml says in its conditions what is in the way.`,
        cause,
      })
    })
  }
  await api.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { [runLabel]: run.id } },
  })
  return () => remove(cluster)
}

/** Removes it. What is in the way is told, and is no error: it goes as soon as its nodes are back. */
async function remove(cluster: Cluster): Promise<void> {
  const { api, journal } = cluster
  try {
    if ((await read(cluster)) === null) return
    await api.delete(path)
    await absent(cluster)
  } catch (error) {
    if (!(error instanceof ExpectationFailed || error instanceof KubeApiError)) throw error
    journal.append('cluster', 'left', `namespace/${namespace}`, error.message)
  }
}

async function absent(cluster: Cluster): Promise<void> {
  await eventually(waitContext(cluster), `${cluster.name} has no namespace ${namespace}`, {
    probe: () => read(cluster),
    until: (found) => found === null,
    within: gone,
    describe: (found) => (found === null ? 'gone' : `deleted at ${found.metadata.deletionTimestamp ?? 'no time yet'}`),
  })
}

async function read({ api }: Cluster): Promise<Served<object> | null> {
  try {
    return await api.get<Served<object>>(path)
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return null
    throw error
  }
}
