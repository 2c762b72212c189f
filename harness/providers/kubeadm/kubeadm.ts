import { randomBytes } from 'node:crypto'

import { nodeImage } from '../../images/request.ts'
import type { StartedCluster } from '../../cluster.ts'
import { type ClusterDefinition, etcdOnly } from '../../topology.ts'
import { UserError } from '../../user-error.ts'
import { clusterName, nodeImageReference } from '../assembly.ts'
import { checkPort } from '../kind-checks.ts'
import type { Provider, ProviderContext } from '../provider.ts'
import { givenAuthority } from './certificates.ts'
import { KubeadmCluster } from './cluster.ts'

/** Clusters whose machines and roles are the definition's own, made by kubeadm. */
export const kubeadmProvider: Provider = { check, start }

async function check(definition: ClusterDefinition): Promise<void> {
  if (definition.nodeImage === undefined) nodeImage(definition.kubernetes)
  checkRoles(definition)
  checkEtcdFlags(definition)
  givenAuthority(definition)
  if (definition.network.apiPort !== undefined) await checkPort(definition.network.apiPort)
}

/** Containers that the provider makes itself. */
const taken = ['load-balancer', 'metadata']

/** @throws {UserError} where etcd is both on machines of its own and on control planes, or a name is the provider's own */
export function checkRoles({ name, nodes }: ClusterDefinition): void {
  const own = nodes.find((node) => taken.includes(node.name))
  if (own !== undefined) {
    throw new UserError(
      `${name}: no machine can be named ${own.name}: the provider kubeadm has a container of that name`,
      {
        exitCode: 2,
        hint: `Names that it uses itself: ${taken.join(', ')}.`,
      },
    )
  }
  if (!nodes.some(etcdOnly)) return
  const mixed = nodes.find(({ roles }) => roles.includes('etcd') && roles.length > 1)
  if (mixed === undefined) return
  throw new UserError(`${name}: ${mixed.name} has the role etcd beside others, and other nodes have it alone`, {
    exitCode: 2,
    hint: 'kubeadm has etcd either on every control plane or on machines of its own: give all members the same roles.',
  })
}

/**
 * etcd on a machine of its own is a systemd unit, where the name is not known beforehand behind a shell: both would read
 * more into a value than it says.
 * @throws {UserError} with the first flag of that etcd whose value is not plain
 */
export function checkEtcdFlags({ name, nodes, components }: ClusterDefinition): void {
  if (!nodes.some(etcdOnly)) return
  const flags = Object.entries(components.etcd?.extraArgs ?? {})
  const special = flags.find(([, value]) => !/^[\w.,:=/@+-]*$/.test(value))
  if (special === undefined) return
  throw new UserError(`${name}: components.etcd.extraArgs.${special[0]}: ${JSON.stringify(special[1])} is not plain`, {
    exitCode: 2,
    hint: 'A flag of etcd on a machine of its own takes letters, digits and . , : = / @ + - _ alone.',
  })
}

async function start(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster> {
  await check(definition)
  const cluster = new KubeadmCluster(clusterName(definition, context.run), definition, context)
  try {
    return await cluster.create(await nodeImageReference(definition, context), bootstrapToken())
  } catch (error) {
    if (!context.run.keep) await cluster.remove()
    throw error
  }
}

/** `abcdef.0123456789abcdef` */
export function bootstrapToken(): string {
  const text = randomBytes(11).toString('hex')
  return `${text.slice(0, 6)}.${text.slice(6)}`
}
