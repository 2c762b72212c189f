import type { StartedCluster } from '../cluster.ts'
import { KubeApi } from '../kube/api.ts'
import { readKubeconfig } from '../kube/kubeconfig.ts'
import { observeApi } from '../kube/observe.ts'
import { watchBoots } from '../nodes/boot-watch.ts'
import { CommandNode } from '../nodes/command-node.ts'
import type { ClusterDefinition } from '../topology.ts'
import { startedCluster } from './assembly.ts'
import { abilitiesOf, factsOf, shutdownGraces } from './existing-abilities.ts'
import { askApi } from './existing-api.ts'
import { recordEarlierBackoffs } from './existing-backoff.ts'
import { checkExisting, connectNodes, kubeconfigOf, requireNodes, requireVersion } from './existing-checks.ts'
import { distributionOf } from './existing-distribution.ts'
import { claimNamespace } from './existing-namespace.ts'
import { existingImages, policyEnforcer } from './existing-network.ts'
import type { Provider, ProviderContext } from './provider.ts'

/**
 * Clusters that somebody else made: a kubeconfig, and a command per node. Nothing is built, and nothing but what was
 * added is removed.
 */
export const existingProvider: Provider = { check: checkExisting, start }

async function start(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  await checkExisting(definition)
  return attach(definition, context, new KubeApi(readKubeconfig(kubeconfigOf(definition))))
}

/**
 * Attaches to the cluster that the API belongs to, which is closed with the cluster, or with the error.
 * @throws {UserError} where the cluster cannot be reached, or is not the one that the definition describes
 */
export async function attach(
  definition: ClusterDefinition,
  context: ProviderContext,
  api: KubeApi,
): Promise<StartedCluster> {
  await using undo = new AsyncDisposableStack()
  undo.use(api)
  const observers = new AbortController()
  undo.defer(() => observers.abort())
  const { journal } = context
  const { name } = definition
  const kubeconfig = kubeconfigOf(definition)
  journal.append('cluster', 'attaching', name, { provider: 'existing', server: api.server.href })

  const { gitVersion, nodes: present } = await askApi({ name, api, kubeconfig, journal })
  requireVersion(definition, gitVersion)
  requireNodes(definition, present)
  const boots = new Map<string, number>()
  const nodes = definition.nodes.map((node) => new CommandNode(node, { journal, boots }))
  await connectNodes(name, nodes)
  const accessible = nodes.filter((node) => node.accessible)
  // Nobody sees when such a machine boots: everything that the API says of it counts.
  for (const node of nodes) if (!node.accessible) boots.set(node.name, 0)

  const found = new Map(await Promise.all(accessible.map(async (node) => [node.name, await factsOf(node)] as const)))
  const graces = await shutdownGraces(
    api,
    present.map(({ metadata }) => metadata.name),
  )
  const distribution = distributionOf(present, gitVersion)
  const enforcer = await policyEnforcer(api, distribution)
  const { capabilities, lacks, etcd, constants } = abilitiesOf(definition, found, graces, enforcer)
  undo.defer(await claimNamespace({ name, api, journal }, context.run))
  void observeApi(api, journal, observers.signal)
  watchBoots(accessible, journal, observers.signal)
  await recordEarlierBackoffs({ name, api, journal })
  journal.append('cluster', 'attached', name, { distribution, capabilities: [...capabilities], lacks, constants })

  const cluster = await startedCluster({
    name,
    definition,
    context,
    distribution,
    api,
    kubeconfig,
    nodes,
    boots,
    capabilities,
    constants,
    etcd,
    network: null,
    images: existingImages({ name, run: context.run, journal }, nodes),
    readyAfterMs: 0,
    remove: () => added.disposeAsync(),
  })
  const added = undo.move()
  return cluster
}
