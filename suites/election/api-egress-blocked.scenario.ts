import type { Electorate } from '../../harness/add-ons/electorate.ts'
import { findNodes } from '../../harness/cluster.ts'
import { blockEgressNft } from '../../harness/faults/block-egress-nft.ts'
import { blockEgressPolicy } from '../../harness/faults/block-egress-policy.ts'
import type { InjectedFault } from '../../harness/faults/fault.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { SpegelVersion } from '../../harness/images/subjects.ts'
import { apiServerService } from '../../harness/kube/api-server.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { newImage, obtains, pullsFromNeighbour, spegel, withMirror } from '../mirror/mirroring.ts'
import {
  electedAgain,
  electedBefore,
  elector,
  everyoneBlocked,
  policyIsEnforced,
  recovers,
  restartContainers,
  undisturbedPods,
} from './electing.ts'
import { withoutApiServer } from './policies.ts'

type Way = (context: ScenarioContext, electorate: Electorate) => Promise<InjectedFault>

/** By a NetworkPolicy that allows DNS and the neighbours, and forgets the API server. */
const byPolicy: Way = async (context, electorate) => {
  const { cluster } = context
  await policyIsEnforced(cluster)
  const spec = withoutApiServer(electorate, [])
  const fault = await blockEgressPolicy(cluster, { namespace: electorate.namespace, spec })
  await everyoneBlocked(context, electorate, await apiServerService(cluster))
  return fault
}

/** By rules on the nodes, which no object of the API tells of. */
const onNodes: Way = ({ cluster }) => blockEgressNft(cluster, cluster.nodes)

/**
 * Field failure 1 (spegel#339). Containers that are restarted while they are kept from the API server: those that need an
 * election never get a holder, and their startup probe ends them again and again. Once the way is open, all is well
 * without hands.
 * @returns when the way was open again, in milliseconds of the run's clock
 */
async function egressBlocked(context: ScenarioContext, electorate: Electorate, block: Way): Promise<number> {
  const { cluster } = context
  await electedBefore(context, electorate)
  await using fault = await block(context, electorate)
  const restarted = await restartContainers(cluster, electorate)
  const isElected = await electedAgain(context, electorate, restarted)
  if (isElected && electorate.lock === null) await undisturbedPods(context, electorate, restarted)
  const openedAt = await fault.heal()
  await recovers(context, electorate, openedAt)
  return openedAt
}

/** Spegel, which mirrors again once it has recovered: a machine gets from its neighbour what only that has. */
function ofSpegel(version: SpegelVersion, block: Way) {
  return (context: ScenarioContext): Promise<void> =>
    withMirror(context, spegel(version), async (mirroring) => {
      const { cluster, mirror } = mirroring
      const [holder] = findNodes(cluster, { role: 'worker' })
      const [other] = findNodes(cluster, { role: 'control-plane' })
      if (holder === undefined || other === undefined || mirror.electorate === null) {
        throw new RangeError(`${cluster.name} has not two machines with a mirror`)
      }
      const image = await newImage(mirroring, 'before-the-fault')
      await obtains(mirroring, holder, image)
      const since = await egressBlocked(context, mirror.electorate, block)
      await pullsFromNeighbour(mirroring, other, image, { since })
    })
}

const violates = { outcome: 'violates', diagnosis: 'election.api-egress-blocked' } as const
const byPolicyNeeds = ['network-policy', 'node-access', 'containers'] as const
const onNodesNeeds = ['node-access', 'containers'] as const

scenario(
  'election.api-egress-blocked-v0.0.17-policy',
  { requires: byPolicyNeeds, expected: violates },
  ofSpegel('v0.0.17', byPolicy),
)

scenario(
  'election.api-egress-blocked-v0.0.17-node',
  { requires: onNodesNeeds, expected: violates, nightly: true },
  ofSpegel('v0.0.17', onNodes),
)

scenario('election.api-egress-blocked-v0.7.4-policy', { requires: byPolicyNeeds }, ofSpegel('v0.7.4', byPolicy))

scenario(
  'election.api-egress-blocked-v0.7.4-node',
  { requires: onNodesNeeds, nightly: true },
  ofSpegel('v0.7.4', onNodes),
)

scenario('election.api-egress-blocked-elector', { requires: byPolicyNeeds, expected: violates }, async (context) => {
  await using electorate = await elector()(context.cluster)
  await egressBlocked(context, electorate, byPolicy)
})
