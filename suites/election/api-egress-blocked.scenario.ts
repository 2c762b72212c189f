import { blockEgressNft } from '../../harness/faults/block-egress-nft.ts'
import { blockEgressPolicy } from '../../harness/faults/block-egress-policy.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { Electorate } from '../../harness/add-ons/electorate.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import type { InjectedFault } from '../../harness/faults/fault.ts'
import type { ScenarioContext } from '../../harness/scenario.ts'
import {
  electedAgain,
  electedBefore,
  elector,
  type Install,
  recovers,
  restartContainers,
  spegel,
  undisturbedPods,
} from './electing.ts'
import { withoutApiServer } from './policies.ts'

type Way = (cluster: StartedCluster, electorate: Electorate) => Promise<InjectedFault>

/** By a NetworkPolicy that allows DNS and the neighbours, and forgets the API server. */
const byPolicy: Way = (cluster, electorate) =>
  blockEgressPolicy(cluster, { namespace: electorate.namespace, spec: withoutApiServer(electorate, []) })

/** By rules on the nodes, which no object of the API tells of. */
const onNodes: Way = (cluster) => blockEgressNft(cluster, cluster.nodes)

/**
 * Field failure 1 (spegel#339). Containers that are restarted while they are kept from the API server: those that need an
 * election never get a holder, and their startup probe ends them again and again. Once the way is open, all is well
 * without hands.
 */
function egressBlocked(install: Install, block: Way) {
  return async (context: ScenarioContext): Promise<void> => {
    const { cluster } = context
    await using electorate = await install(cluster)
    await electedBefore(context, electorate)
    await using fault = await block(cluster, electorate)
    const restarted = await restartContainers(cluster, electorate)
    await electedAgain(context, electorate, restarted)
    if (electorate.lock === null) await undisturbedPods(context, electorate, restarted)
    await recovers(context, electorate, await fault.heal())
  }
}

const violates = { outcome: 'violates', diagnosis: 'election.api-egress-blocked' } as const
const policed = ['network-policy', 'node-access'] as const

scenario(
  'election.api-egress-blocked-v0.0.17-policy',
  { requires: policed, expected: violates },
  egressBlocked(spegel('v0.0.17'), byPolicy),
)

scenario(
  'election.api-egress-blocked-v0.0.17-node',
  { requires: ['node-access'], expected: violates },
  egressBlocked(spegel('v0.0.17'), onNodes),
)

scenario('election.api-egress-blocked-v0.7.4-policy', { requires: policed }, egressBlocked(spegel('v0.7.4'), byPolicy))

scenario(
  'election.api-egress-blocked-v0.7.4-node',
  { requires: ['node-access'] },
  egressBlocked(spegel('v0.7.4'), onNodes),
)

scenario(
  'election.api-egress-blocked-elector',
  { requires: policed, expected: violates },
  egressBlocked(elector(), byPolicy),
)
