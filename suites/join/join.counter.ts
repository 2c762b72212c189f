import { counter, scenariosOf, type Sabotage } from '../../harness/fixtures.ts'
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

/** A Node that a finalizer nobody removes keeps in the API. */
const nodeStays: Sabotage = (cluster) => {
  const path = `/api/v1/nodes/${cluster.name}-leaving`
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'cluster' && kind === 'joined',
    () => cluster.api.patch(path, { metadata: { finalizers: ['clusterproof.test/stays'] } }),
  )
  return Promise.resolve(
    undo(cluster, () => {
      armed[Symbol.dispose]()
      return cluster.api.patch(path, { metadata: { finalizers: null } })
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
  nightly: true,
})

counter(scenarios, 'join.etcd', 'a new member that stops once it has its vote', {
  expected: { outcome: 'violates', diagnosis: 'etcd.member-down' },
  sabotage: membersStopWhen(
    ({ source, kind }) => source === 'cluster' && kind === 'joined',
    (nodes) => nodes.slice(-1),
  ),
})

counter(scenarios, 'leave.worker', 'a Node that stays without its machine', {
  expected: { outcome: 'violates', diagnosis: 'join.disturbed' },
  sabotage: nodeStays,
})
