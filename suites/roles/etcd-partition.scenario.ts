import { leaderLost, quorumBack } from '../../harness/budgets/etcd.ts'
import { partition } from '../../harness/faults/partition.ts'
import { scenario } from '../../harness/fixtures.ts'
import { healthNames } from './agreement.ts'
import { members } from './etcd-nodes.ts'
import { underTraffic } from './traffic.ts'

/** The leader is cut off from the other members, and not from the API servers, which go on asking it. */
scenario('roles.etcd-partition', { requires: ['etcd-nodes'] }, async (context) => {
  const { cluster } = context
  await healthNames(context, 'before the fault', [])
  await underTraffic(context, async () => {
    const { leader, followers } = await members(cluster)
    await using fault = await partition(cluster, leader, followers)
    await healthNames(context, 'while the old leader is cut off', [leader])
    return { at: await fault.heal(), back: quorumBack({ outageMs: 0 }), gap: leaderLost() }
  })
  await healthNames(context, 'after the fault', [])
})
