import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { configureRegistry } from '../registry/hosts-config.ts'
import { type Registry, startRegistry } from '../registry/registry.ts'
import { isKubernetesNode } from '../topology.ts'
import type { Mirror } from './mirror.ts'

/** A registry of the cluster's own that fetches from the upstream what it does not have. */
export interface PullThroughCache extends Mirror, AsyncDisposable {
  readonly registry: Registry
}

/**
 * Starts a pull-through cache (distribution's `proxy`) beside the cluster and puts it before the upstream on every
 * node; machines that join are given it by `prepare`. Disposing of it takes both away.
 * @throws {MissingCapability} where no container can be put beside the cluster
 */
export async function installPullThroughCache(cluster: StartedCluster, upstream: Registry): Promise<PullThroughCache> {
  const onEach = async (configure: (node: ClusterNode) => Promise<void>) => {
    await Promise.all(cluster.nodes.filter(isKubernetesNode).map(configure))
  }
  // The registry goes although a machine may not answer.
  await using undo = new AsyncDisposableStack()
  const registry = undo.use(await startRegistry(cluster, { name: 'cache', proxyOf: upstream.host }))
  const endpoint = `http://${registry.host}`
  const prepare = (node: ClusterNode) => configureRegistry(node, upstream.host, { mirrors: [endpoint] })
  undo.defer(() => onEach((node) => configureRegistry(node, upstream.host)))
  await onEach(prepare)
  const installed = undo.move()
  return {
    name: 'pull-through cache (distribution)',
    registry,
    electorate: null,
    peerPort: null,
    servesAlone: true,
    resolve: {
      name: 'connection to the upstream',
      ms: 10_000,
      source: 'harness: a cache that has no upstream must say so',
    },
    endpoint: () => Promise.resolve(endpoint),
    announce: () => Promise.resolve(false),
    prepare,
    [Symbol.asyncDispose]: () => installed.disposeAsync(),
  }
}
