import { isIP } from 'node:net'

import { k3sImage } from '../../images/k3s-versions.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { UserError } from '../../user-error.ts'
import { checkPort } from '../kind-checks.ts'
import { embeddedEtcd, hasApiServer } from './plan.ts'

/** Everything that is known to be wrong with a definition before anything is started. @throws {UserError} */
export async function checkK3s(definition: ClusterDefinition): Promise<void> {
  checkRoles(definition)
  checkDatastore(definition)
  checkServerArgs(definition)
  if (definition.nodeImage === undefined) k3sImage(definition.kubernetes)
  if (definition.network.apiPort !== undefined) await checkPort(definition.network.apiPort)
}

/** @throws {UserError} where a machine would be a server and yet none of the servers that k3s has */
export function checkRoles({ name, nodes }: ClusterDefinition): void {
  const between = nodes.find(
    (node) => node.roles.includes('etcd') && node.roles.includes('worker') && !hasApiServer(node),
  )
  if (between === undefined) return
  throw new UserError(`${name}: k3s has no server with etcd that is a worker and no control plane: ${between.name}`, {
    exitCode: 2,
    hint: "Give the node etcd alone, or the role control-plane too; 'worker' beside 'control-plane' is fine.",
  })
}

/** @throws {UserError} where flags are for an etcd that is not there */
export function checkDatastore(definition: ClusterDefinition): void {
  const { name, components } = definition
  if (components.etcd !== undefined && !embeddedEtcd(definition)) {
    throw new UserError(`${name}: components.etcd: this cluster has no etcd, its datastore is SQLite`, {
      exitCode: 2,
      hint: 'Give the node the role etcd beside control-plane, and k3s runs embedded etcd (--cluster-init).',
    })
  }
}

/** Flags that follow from the rest of the definition. Those that k3s takes more than once may be added to. */
const ownFlags = new Set([
  'server',
  'token',
  'token-file',
  'cluster-init',
  'disable-apiserver',
  'disable-controller-manager',
  'disable-scheduler',
  'disable-etcd',
  'disable-agent',
  'datastore-endpoint',
  'disable-network-policy',
  'embedded-registry',
  'node-name',
  'node-ip',
  'flannel-iface',
  'pause-image',
  'data-dir',
  'private-registry',
  'https-listen-port',
  'write-kubeconfig',
  'log',
])

const rangeFlags = ['cluster-cidr', 'service-cidr']

function isRangeList(text: string): boolean {
  return text.split(',').every((range) => {
    const [address = '', bits = '', more] = range.split('/')
    return more === undefined && isIP(address) !== 0 && /^\d{1,3}$/.test(bits)
  })
}

/** @throws {UserError} with the first flag that the definition says elsewhere, or whose value would be a rule of its own */
export function checkServerArgs({ name, k3s }: ClusterDefinition): void {
  const range = rangeFlags.find((key) => !isRangeList(k3s.serverArgs[key] ?? '10.0.0.0/8'))
  if (range !== undefined) {
    throw new UserError(`${name}: k3s.serverArgs: ${range} is no range of addresses: ${k3s.serverArgs[range]}`, {
      exitCode: 2,
      hint: 'Write it as 10.42.0.0/16, two of them with a comma between: the rules that close egress are made of it.',
    })
  }
  const flag = Object.keys(k3s.serverArgs).find((key) => key.startsWith('-') || ownFlags.has(key))
  if (flag === undefined) return
  const dashes = flag.startsWith('-')
  throw new UserError(
    `${name}: k3s.serverArgs: ${dashes ? `${flag} is written without dashes` : `${flag} is not free`}`,
    {
      exitCode: 2,
      hint: dashes
        ? `Write ${flag.replace(/^-+/, '')}.`
        : "It follows from the nodes' roles and from the other fields: change those, or leave it out.",
    },
  )
}
