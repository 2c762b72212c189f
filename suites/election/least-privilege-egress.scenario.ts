import type { StartedCluster } from '../../harness/cluster.ts'
import { blockEgressPolicy } from '../../harness/faults/block-egress-policy.ts'
import { scenario } from '../../harness/fixtures.ts'
import { apiServerEndpoints } from '../../harness/kube/api-server.ts'
import { labelledPods } from '../../harness/probes/pods.ts'
import type { TcpTarget } from '../../harness/probes/tcp-packet.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import {
  electedAgain,
  electedBefore,
  elector,
  everyoneBlocked,
  type Install,
  policyIsEnforced,
  restartContainers,
  spegel,
} from './electing.ts'
import { byServicePort, type ElectoratePolicy, leastPrivilege, withoutDns } from './policies.ts'

/** What a policy must not let through: that it does not is what shows that it is in force. */
type Forbidden = (cluster: StartedCluster) => Promise<TcpTarget>

/** Containers that are restarted under a policy that is in force elect one of themselves all the same. */
function electUnder(install: Install, policy: ElectoratePolicy, forbidden: Forbidden) {
  return async (context: ScenarioContext): Promise<void> => {
    const { cluster } = context
    await policyIsEnforced(cluster)
    await using electorate = await install(cluster)
    await electedBefore(context, electorate)
    const spec = policy(electorate, await apiServerEndpoints(cluster))
    const target = await forbidden(cluster)
    await using _ = await blockEgressPolicy(cluster, { namespace: electorate.namespace, spec }, { target })
    await everyoneBlocked(context, electorate, target)
    await electedAgain(context, electorate, await restartContainers(cluster, electorate))
  }
}

/** A port of CoreDNS: 53 are names, 9153 its metrics, which no election needs. */
const coreDns =
  (port: number): Forbidden =>
  async (cluster) => {
    const [pod] = await labelledPods(cluster, 'kube-system', 'k8s-app=kube-dns')
    if (pod?.status?.podIP === undefined) throw new Error(`${cluster.name} has no CoreDNS`)
    return { ip: pod.status.podIP, port }
  }

const apiServer: Forbidden = async (cluster) => {
  const [server] = await apiServerEndpoints(cluster)
  if (server === undefined) throw new Error(`the Service kubernetes of ${cluster.name} leads nowhere`)
  return server
}

const requires = ['network-policy', 'node-access'] as const
const violates = (diagnosis: string) => ({ outcome: 'violates' as const, diagnosis })

scenario('election.least-privilege-egress', { requires }, electUnder(elector('dns'), leastPrivilege, coreDns(9153)))

scenario(
  'election.least-privilege-egress-v0.0.17',
  { requires },
  electUnder(spegel('v0.0.17'), leastPrivilege, coreDns(9153)),
)

scenario(
  'election.least-privilege-egress-without-dns',
  { requires, expected: violates('election.dns-blocked') },
  electUnder(elector('dns'), withoutDns, coreDns(53)),
)

scenario(
  'election.least-privilege-egress-service-port',
  { requires, expected: violates('election.api-port-mismatch') },
  electUnder(elector('dns'), byServicePort, apiServer),
)
