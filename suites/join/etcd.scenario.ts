import { nodeReadyAfterStart } from '../../harness/budgets/boot.ts'
import { extend } from '../../harness/budgets/budget.ts'
import { quorumBack } from '../../harness/budgets/etcd.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseEtcd } from '../../harness/diagnosis/etcd.ts'
import { parseDuration } from '../../harness/duration.ts'
import { scenario } from '../../harness/fixtures.ts'
import { EtcdError } from '../../harness/probes/etcd-gateway.ts'
import { describeView, etcdView } from '../../harness/probes/etcd-view.ts'
import { transferLeadership } from '../../harness/remedies/etcd-leadership.ts'
import { workingSetBytes } from '../../harness/probes/memory.ts'
import { joined, only, reportStill } from './newcomer.ts'

/** A machine of etcd alone joins as a learner, gets its vote, and leaves again. */
scenario('join.etcd', { requires: ['join', 'etcd-nodes'] }, async (context) => {
  const { cluster, eventually, measure } = context
  await using newcomers = await joined(context, [{ name: 'etcd-joining', roles: ['etcd'], after: [] }])
  const node = only(newcomers)
  const { since } = newcomers
  const view = await eventually(`${node.name} has a vote, and all members agree on a leader`, {
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
  const memberId = view.members.find((member) => member.node === node.name)?.status?.memberId ?? ''
  const askedAt = cluster.journal.now()
  // Refused where the member does not answer: what comes of it is judged, not the asking.
  await transferLeadership(cluster, memberId).catch((error: unknown) => {
    if (!(error instanceof EtcdError)) throw error
    cluster.journal.append('etcd', 'refused', `node/${node.name}`, String(error))
  })
  await eventually(`${node.name} leads when it is asked to`, {
    probe: () => etcdView(cluster),
    until: ({ leader, quorum }) => quorum && leader === memberId,
    within: quorumBack({ outageMs: 0 }),
    since: askedAt,
    describe: describeView,
    diagnose: async () =>
      (await diagnoseEtcd(cluster)) ?? diagnosis('etcd.member-down', `${node.name} has a vote and does not lead`),
  })
  await reportStill(context, newcomers.others)
})
