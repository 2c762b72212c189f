import type { StartedCluster } from '../cluster.ts'
import type { ClusterDefinition } from '../topology.ts'
import { clusterName } from './assembly.ts'
import { checkK3s } from './k3s/check.ts'
import { K3sCluster } from './k3s/cluster.ts'
import { machineImage } from './k3s/images.ts'
import type { Provider, ProviderContext } from './provider.ts'

/** Clusters of k3s servers and agents in containers, made of k3s' own published image. */
export const k3sProvider: Provider = { check: checkK3s, start }

/** @throws {UnavailableCluster} where this machine cannot have the images */
async function start(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  await checkK3s(definition)
  const image = await machineImage(definition, context)
  const cluster = new K3sCluster(clusterName(definition, context.run), definition, context)
  try {
    return await cluster.create(image)
  } catch (error) {
    if (!context.run.keep) await cluster.remove()
    throw error
  }
}
