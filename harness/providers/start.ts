import type { StartedCluster } from '../cluster.ts'
import type { ClusterDefinition } from '../topology.ts'
import { kindProvider } from './kind.ts'
import type { Provider, ProviderContext } from './provider.ts'

const providers: Record<ClusterDefinition['provider'], Provider> = { kind: kindProvider }

export function startCluster(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  return providers[definition.provider].start(definition, context)
}
