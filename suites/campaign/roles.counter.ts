import { findNodes } from '../../harness/cluster.ts'
import { type Sabotage, scenariosOf } from '../../harness/fixtures.ts'
import { removeMember, addLearner } from '../../harness/providers/kubeadm/etcd-members.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { etcdNodes } from '../../harness/topology.ts'
import { authorityExchanged } from './etcd-sabotage.ts'
import { shell } from './machine-sabotage.ts'
import { choose, counter, inSeededOrder } from './seeded.ts'

// Machines with roles of their own, and members of etcd.
const scenarios = await scenariosOf(() => import('../roles/roles.suite.ts'))

const place = choose('member that hangs', [0, 1])

/** Another member hangs when one is stopped. */
const anotherHangs: Sabotage = (cluster) => {
  const nodes = etcdNodes(cluster.nodes)
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'fault' && kind === 'struck',
    async ({ subject }) => {
      const other = nodes.filter(({ name }) => subject !== `node/${name}`)[place]
      if (other !== undefined) await shell(other, 'pkill -STOP -x etcd')
    },
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await Promise.all(nodes.map((node) => shell(node, 'pkill -CONT -x etcd || true')))
    }),
  )
}

counter(scenarios, 'roles.etcd-one-down', 'another member that is stopped by a signal', {
  expected: { outcome: 'violates', diagnosis: 'roles.unhealthy-member' },
  choice: `the ${place === 0 ? 'first' : 'second'} of the others`,
  sabotage: anotherHangs,
})

counter(scenarios, 'roles.etcd-all-restart', 'members with certificates of another authority', {
  expected: { outcome: 'violates', diagnosis: 'etcd.certificate-refused' },
  sabotage: authorityExchanged,
})

const [which, port] = [
  choose('machine that listens', [0, 1, 2]),
  choose('port that is listened on', [6443, 10250, 10259]),
]

/** Something listens on a machine of etcd alone where only another role's component may. */
const strayListener: Sabotage = async (cluster) => {
  const node = etcdNodes(cluster.nodes)[which]
  const listen = ['socat', `TCP-LISTEN:${port},fork,reuseaddr`, 'EXEC:/bin/true']
  await node?.exec(['systemd-run', '--unit=stray-listener', ...listen])
  return undo(cluster, async () => node?.exec(['systemctl', 'stop', 'stray-listener']))
}

counter(scenarios, 'roles.inventory', 'a machine of etcd alone that listens on a port of another role', {
  expected: { outcome: 'violates', diagnosis: 'roles.unexpected-tooling' },
  choice: `machine ${which}, port ${port}`,
  sabotage: strayListener,
})

const worker = choose('worker without its kubelet', [0, 1])

/** The program of a kubelet is gone, and what runs of it runs on until it ends. */
const programGone: Sabotage = async (cluster) => {
  const node = findNodes(cluster, { role: 'worker' })[worker]
  if (node === undefined) throw new RangeError(`${cluster.name} has no worker ${worker}`)
  await shell(node, 'program=$(command -v kubelet); mv "$program" "$program.gone"')
  return undo(cluster, () =>
    shell(node, 'mv "$(command -v kubelet.gone)" "$(dirname "$(command -v kubelet.gone)")/kubelet"'),
  )
}

counter(scenarios, 'roles.inventory', 'a worker without the program of its kubelet', {
  expected: { outcome: 'violates', diagnosis: 'roles.missing-tooling' },
  choice: `worker ${worker}`,
  sabotage: programGone,
})

const stray = 'clusterproof-stray'

/** A Node that no machine stands behind. It has no labels, so that no DaemonSet of the cluster's own wants a pod on it. */
const strayNode: Sabotage = async (cluster) => {
  const { api } = cluster
  const path = `/api/v1/nodes/${stray}`
  await api.apply(path, { apiVersion: 'v1', kind: 'Node', metadata: { name: stray } })
  return undo(cluster, () => api.delete(path))
}

counter(scenarios, 'identity.member-consistency', 'a Node that is no machine', {
  expected: { outcome: 'violates', diagnosis: 'identity.duplicate-node' },
  sabotage: strayNode,
})

/** A member of etcd that was added and that no machine has ever run. */
const strayMember: Sabotage = async (cluster) => {
  const { etcd } = cluster
  const [via] = etcdNodes(cluster.nodes)
  if (etcd === null || via === undefined) throw new RangeError(`${cluster.name} has no etcd that can be asked`)
  const { id } = await addLearner(etcd, via, `${stray}.test`)
  return undo(cluster, () => removeMember(etcd, via, id))
}

counter(scenarios, 'identity.member-consistency', 'a member of etcd that no machine runs', {
  expected: { outcome: 'violates', diagnosis: 'identity.duplicate-member' },
  sabotage: strayMember,
})

inSeededOrder()
