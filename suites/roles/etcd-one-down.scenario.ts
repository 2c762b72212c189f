import { budget } from '../../harness/budgets/budget.ts'
import { leaderLost, memberLost, quorumBack } from '../../harness/budgets/etcd.ts'
import { etcdStop } from '../../harness/faults/etcd-unit.ts'
import { powerCut } from '../../harness/faults/power-cut.ts'
import { scenario } from '../../harness/fixtures.ts'
import { booted, healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { underTraffic } from './traffic.ts'

/** A follower is stopped in order and comes back; then the leader's machine loses its power. */
scenario('roles.etcd-one-down', { requires: ['etcd-nodes', 'power'] }, async (context) => {
  const { cluster } = context
  await healthNames(context, 'before the fault', [])
  const gap = budget(...leaderLost().terms, ...memberLost().terms)
  await underTraffic(context, async () => {
    const [follower] = (await members(cluster)).followers
    if (follower === undefined) throw new Error(`${cluster.name} has one member of etcd only`)
    await using stopped = await etcdStop(cluster, [follower])
    await healthNames(context, 'while a follower is stopped', [follower])
    await stopped.heal()
    await healthNames(context, 'after the follower is back', [])

    const { leader } = await members(cluster)
    await using cut = await powerCut(cluster, leader)
    await healthNames(context, 'while the machine that led is off', [leader])
    return { at: await cut.heal(), back: quorumBack({ outageMs: 0 }), gap }
  })
  await healthNames(context, 'after the fault', [], booted(context))
})
