import { budget } from '../../harness/budgets/budget.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import { ctr } from '../../harness/nodes/containerd.ts'
import { costOf, type SizeCost } from './growing-nodes.ts'

const namespace = 'growth'
const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/pods`

const podsReady = budget({
  name: 'pods are Ready',
  ms: 15 * 60_000,
  source: 'bench: a second and a half for each of 500',
})

/** Makes a Deployment of nothing, whose pods do nothing: their image is that of every pod's sandbox, which nodes have. */
export async function preparePods({ api, nodes }: StartedCluster): Promise<void> {
  const worker = nodes.find(({ roles }) => roles.includes('worker'))
  if (worker === undefined) throw new RangeError('there is no worker for pods to run on')
  const { stdout } = await worker.exec(ctr('images', 'list', '--quiet'))
  const image = stdout.split('\n').find((name) => /\/pause:/.test(name))
  if (image === undefined) throw new Error(`${worker.name} has no image of pause`)
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  const labels = { app: 'pods' }
  await api.apply(deployment, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'pods', namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'pause', image, imagePullPolicy: 'Never' }],
        },
      },
    },
  })
}

/** Raises the number of pods to that many, waits until all are Ready, and looks at what they cost. */
export async function costOfPods(cluster: StartedCluster, pods: number): Promise<SizeCost> {
  const { api, journal } = cluster
  const began = journal.now()
  await api.patch(deployment, { spec: { replicas: pods } })
  await eventually(waitContext(cluster), `${pods} pods are Ready`, {
    probe: async () => (await api.get<{ status?: { readyReplicas?: number } }>(deployment)).status?.readyReplicas ?? 0,
    until: (ready) => ready === pods,
    within: podsReady,
  })
  return await costOf(cluster, pods, journal.now() - began)
}

/** A sandbox, a container and the shim of both, measured at 10 to 14 MiB; rounded up. */
const podBytes = 25 * 1024 ** 2

/** What so many pods take at most, in bytes. */
export function bytesOfPods(pods: number): number {
  return pods * podBytes
}
