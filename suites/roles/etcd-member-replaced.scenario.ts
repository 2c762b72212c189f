import { budget } from '../../harness/budgets/budget.ts'
import { leaderLost, memberLost, quorumBack } from '../../harness/budgets/etcd.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseEtcd } from '../../harness/diagnosis/etcd.ts'
import { NoEvidence } from '../../harness/faults/fault.ts'
import { scenario } from '../../harness/fixtures.ts'
import { etcdMembers } from '../../harness/probes/etcd.ts'
import { healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { underTraffic } from './traffic.ts'

/** The member that leads is removed with its machine, and a new machine of the same name joins: learner, then voter. */
scenario('roles.etcd-member-replaced', { requires: ['etcd-nodes', 'join'] }, async (context) => {
  const { cluster, eventually, require, measure } = context
  const { journal } = cluster
  await healthNames(context, 'before the fault', [])
  const { leader, followers } = await members(cluster)
  const [via] = followers
  const definition = cluster.definition.nodes.find(({ name }) => leader.name.endsWith(`-${name}`))
  if (via === undefined || definition === undefined) throw new Error(`${leader.name} cannot be replaced`)
  const before = await etcdMembers(cluster, via, { linearizable: true })
  const old = before.find(({ name }) => name === leader.name)

  const startedAt = journal.now()
  await underTraffic(context, async () => {
    await cluster.leave(leader)
    const joinedFrom = journal.now()
    await cluster.join(definition)
    const at = journal.now()
    measure('removal of the member', joinedFrom - startedAt, 'ms')
    measure('from a new machine to a vote', at - joinedFrom, 'ms')
    const gap = budget(...leaderLost().terms, ...memberLost().terms)
    return { at, back: quorumBack({ outageMs: 0 }), gap }
  })

  await eventually('etcd has three voters, one of them new', {
    probe: () => etcdMembers(cluster, via, { linearizable: true }),
    until: (list) =>
      list.length === before.length &&
      list.every(({ learner, name }) => !learner && name !== '') &&
      list.some(({ name, id }) => name === leader.name && id !== old?.id),
    within: quorumBack({ outageMs: 0 }),
    describe: (list) => list.map(({ id, name, learner }) => `${id} ${name}${learner ? ' (learner)' : ''}`).join(', '),
    diagnose: async () =>
      (await diagnoseEtcd(cluster)) ?? diagnosis('etcd.member-down', `${leader.name} did not become a voter`),
  })
  const added = journal
    .records()
    .filter(({ source, kind, t }) => source === 'cluster' && kind === 'added' && t >= startedAt)
    .map(({ data }) => data as { learner: boolean })
  if (added.length === 0) throw new NoEvidence('nothing says as what the new member was added')
  require('it was a learner before it had a vote', added.every(({ learner }) => learner), () =>
    diagnosis('etcd.member-down', `${leader.name} was added with a vote at once`))
  await healthNames(context, 'after the fault', [])
})
