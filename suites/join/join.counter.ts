import { counter, scenariosOf, type Sabotage } from '../../harness/fixtures.ts'
import type { KubeObject } from '../../harness/kube/api.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { membersStopWhen } from '../roles/sabotage.ts'

const scenarios = await scenariosOf(() => import('./join.suite.ts'))

/** The pod network's configuration is gone: machines that have it run on, and new ones never get it. */
const networkConfigGone: Sabotage = async (cluster) => {
  const path = '/api/v1/namespaces/kube-system/configmaps/kube-flannel-cfg'
  const { data } = await cluster.api.get<{ data: object }>(path)
  await cluster.api.delete(path)
  return undo(cluster, () =>
    cluster.api.apply(path, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-flannel-cfg', namespace: 'kube-system' },
      data,
    }),
  )
}

/** The machine that left comes back as a Node that nothing stands behind. */
const nodeReturns: Sabotage = (cluster) => {
  const left: string[] = []
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'cluster' && kind === 'left',
    async () => {
      const name = `${cluster.name}-leaving`
      left.push(name)
      const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
      await cluster.api.apply(`/api/v1/nodes/${name}`, node)
    },
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      for (const name of left) await cluster.api.delete(`/api/v1/nodes/${name}`)
    }),
  )
}

counter(scenarios, 'join.worker', 'a pod network without its configuration', {
  expected: { outcome: 'violates', diagnosis: 'join.node-not-ready' },
  sabotage: networkConfigGone,
})

counter(scenarios, 'join.control-plane', 'a pod network without its configuration', {
  expected: { outcome: 'violates', diagnosis: 'join.node-not-ready' },
  sabotage: networkConfigGone,
})

counter(scenarios, 'join.etcd', 'a new member that stops once it has its vote', {
  expected: { outcome: 'violates', diagnosis: 'etcd.member-down' },
  sabotage: membersStopWhen(
    ({ source, kind }) => source === 'cluster' && kind === 'joined',
    (nodes) => nodes.slice(-1),
  ),
})

counter(scenarios, 'leave.worker', 'a Node that comes back without its machine', {
  expected: { outcome: 'violates', diagnosis: 'join.disturbed' },
  sabotage: nodeReturns,
})
