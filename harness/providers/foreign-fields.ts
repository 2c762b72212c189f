import type { ClusterDefinition } from '../topology.ts'
import { UserError } from '../user-error.ts'

type Provider = ClusterDefinition['provider']

/** A field that not every provider reads, and whether a definition says anything in it. */
interface ForeignField {
  readonly field: string
  readonly readBy: readonly Provider[]
  given(definition: ClusterDefinition): boolean
}

const fields: readonly ForeignField[] = [
  { field: 'k3s.embeddedRegistry', readBy: ['k3s'], given: ({ k3s }) => k3s.embeddedRegistry },
  { field: 'k3s.registries', readBy: ['k3s'], given: ({ k3s }) => k3s.registries !== undefined },
  { field: 'k3s.serverArgs', readBy: ['k3s'], given: ({ k3s }) => Object.keys(k3s.serverArgs).length > 0 },
  {
    field: 'kubeadmPatches',
    readBy: ['kind', 'kubeadm'],
    given: ({ kubeadmPatches }) => kubeadmPatches.length > 0,
  },
  { field: 'etcd.authority', readBy: ['kubeadm'], given: ({ etcd }) => etcd.authority !== undefined },
  { field: 'identity.boot', readBy: ['kubeadm'], given: ({ identity }) => identity.boot !== 'static' },
  {
    field: 'network.policy',
    readBy: ['kind', 'kubeadm', 'k3s'],
    given: ({ network }) => network.policy !== 'none',
  },
  { field: 'kubeconfig', readBy: ['existing'], given: ({ kubeconfig }) => kubeconfig !== undefined },
  { field: 'nodes[].command', readBy: ['existing'], given: ({ nodes }) => nodes.some(({ command }) => command) },
  { field: 'nodes[].power', readBy: ['existing'], given: ({ nodes }) => nodes.some(({ power }) => power) },
]

/**
 * What would be passed over in silence, so that a cluster would not be the one that was asked for.
 * @throws {UserError} with the first field that is another provider's
 */
export function checkForeignFields(definition: ClusterDefinition): void {
  const { name, provider } = definition
  const foreign = fields.find(({ readBy, given }) => !readBy.includes(provider) && given(definition))
  if (foreign === undefined) return
  throw new UserError(`${name}: ${foreign.field}: the provider ${provider} does not have it`, {
    exitCode: 2,
    hint: `Leave it out, or take the provider ${foreign.readBy.join(' or ')}.`,
  })
}
