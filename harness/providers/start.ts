import type { StartedCluster } from '../cluster.ts'
import type { ClusterDefinition } from '../topology.ts'
import { existingProvider } from './existing.ts'
import { checkForeignFields } from './foreign-fields.ts'
import { k3sProvider } from './k3s.ts'
import { kindProvider } from './kind.ts'
import { kubeadmProvider } from './kubeadm/kubeadm.ts'
import type { Provider, ProviderContext } from './provider.ts'

const providers: Record<ClusterDefinition['provider'], Provider> = {
  kind: kindProvider,
  kubeadm: kubeadmProvider,
  k3s: k3sProvider,
  existing: existingProvider,
}

/** What is wrong with the definition that its provider knows of, or that is another provider's. @throws {UserError} */
export async function checkDefinition(definition: ClusterDefinition): Promise<void> {
  checkForeignFields(definition)
  await providers[definition.provider].check(definition)
}

export function startCluster(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  const { name, provider, kubernetes } = definition
  // A report tells the legs of a matrix apart by it, also where the cluster never came up.
  const nodes = definition.nodes.map((node) => ({ name: node.name, roles: node.roles }))
  context.journal.append('cluster', 'starting', name, { provider, kubernetes, nodes })
  return providers[definition.provider].start(definition, context)
}
