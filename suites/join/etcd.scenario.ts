import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { quorumBack } from '../../harness/budgets/etcd.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseEtcd } from '../../harness/diagnosis/etcd.ts'
import { parseDuration } from '../../harness/duration.ts'
import { scenario } from '../../harness/fixtures.ts'
import { describeView, etcdView } from '../../harness/probes/etcd-view.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { joined } from './newcomer.ts'

/** A machine of etcd alone joins as a learner, gets its vote, and leaves again. */
scenario('join.etcd', { requires: ['join', 'etcd-nodes'] }, async (context) => {
  const { cluster, eventually, measure } = context
  const since = cluster.journal.now()
  const [node] = await joined(context, [{ name: 'etcd-joining', roles: ['etcd'], after: [] }])
  if (node === undefined) throw new Error('nothing joined')
  await eventually(`${node.name} has a vote, and all members agree on a leader`, {
    probe: () => etcdView(cluster),
    until: ({ members, quorum }) => quorum && members.every(({ status }) => status?.learner === false),
    within: extend(
      nodeReadyAfterStart(parseDuration(cluster.definition.objectives.nodeBoot)),
      ...quorumBack({ outageMs: 0 }).terms,
    ),
    since,
    describe: describeView,
    diagnose: async () =>
      (await diagnoseEtcd(cluster)) ?? diagnosis('etcd.member-down', `${node.name} has no vote yet`),
  })
  measure('from a new machine to a vote', cluster.journal.now() - since, 'ms')
  measure(`memory of ${node.name}`, (await workingSetBytes(node)) / 2 ** 20, 'MiB')
  await cluster.leave(node)
})
