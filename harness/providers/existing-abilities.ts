import type { Capability, ClusterConstants, EtcdLayout } from '../cluster.ts'
import { parseDuration } from '../duration.ts'
import type { KubeApi } from '../kube/api.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { type ClusterDefinition, etcdNodes, etcdOnly, isKubernetesNode, type NodeDefinition } from '../topology.ts'
import { kubeadmEtcdLayout } from './assembly.ts'
import { clusterConstants } from './constants.ts'

/** What can be found out on a machine itself. */
const facts = ['root', 'systemd', 'manifests', 'etcd-client', 'etcd-unit', 'kubelet-unit'] as const
type Fact = (typeof facts)[number]

/** What was found out of each node, by name; a node without a command is not in it. */
export type NodeFacts = ReadonlyMap<string, ReadonlySet<Fact>>

/** Each kubelet's effective `shutdownGracePeriod` in milliseconds, by name; one that nobody could ask is not in it. */
export type ShutdownGraces = ReadonlyMap<string, number>

const etcdFiles = kubeadmEtcdLayout(null)

/** Prints the facts that hold, a line each. Members of etcd are asked with curl. */
const script = `
[ "$(id -u)" = 0 ] && echo root
[ "$(cat /proc/1/comm)" = systemd ] && command -v systemctl >/dev/null && echo systemd
[ -d /etc/kubernetes/manifests ] && echo manifests
[ -r ${etcdFiles.ca} ] && [ -r ${etcdFiles.certificate} ] && [ -r ${etcdFiles.key} ] &&
  command -v curl >/dev/null && echo etcd-client
systemctl is-active --quiet etcd 2>/dev/null && echo etcd-unit
systemctl is-active --quiet kubelet 2>/dev/null && echo kubelet-unit
exit 0
`

/** @throws {CommandError} where the node has no shell */
export async function factsOf(node: Pick<ClusterNode, 'exec'>): Promise<ReadonlySet<Fact>> {
  const lines = (await node.exec(['sh', '-c', script])).stdout.split('\n')
  return new Set(facts.filter((fact) => lines.includes(fact)))
}

/** Asks each kubelet, through the API, what it runs with. */
export async function shutdownGraces(api: KubeApi, nodes: readonly string[]): Promise<ShutdownGraces> {
  const entries = await Promise.all(
    nodes.map(async (node): Promise<readonly [string, number][]> => {
      try {
        const path = `/api/v1/nodes/${node}/proxy/configz`
        const { kubeletconfig } = await api.get<{ kubeletconfig: { shutdownGracePeriod: string } }>(path)
        return [[node, parseDuration(kubeletconfig.shutdownGracePeriod)]]
      } catch {
        // The user may not, or the kubelet is not there: its health is looked at before every fault.
        return []
      }
    }),
  )
  return new Map(entries.flat())
}

/** What can be done with an existing cluster. */
export interface Abilities {
  readonly capabilities: ReadonlySet<Capability>
  /** Of each capability that it has not, the nodes that it fails at, or why. */
  readonly lacks: Readonly<Record<string, readonly string[]>>
  readonly etcd: EtcdLayout | null
  readonly constants: ClusterConstants
}

/**
 * The capabilities that follow from what the definition gives and from what was found.
 * @param enforcer what enforces NetworkPolicy; null: nothing that is known
 */
export function abilitiesOf(
  definition: ClusterDefinition,
  found: NodeFacts,
  graces: ShutdownGraces,
  enforcer: string | null = null,
): Abilities {
  const { nodes } = definition
  const has =
    (...wanted: Fact[]) =>
    ({ name }: NodeDefinition) => {
      const own = found.get(name)
      return own !== undefined && wanted.every((fact) => own.has(fact))
    }
  const kubelets = nodes.filter(isKubernetesNode)
  const onlyEtcd = nodes.filter(etcdOnly)
  const alone = (node: NodeDefinition) => has('etcd-unit')(node) && !has('kubelet-unit')(node)
  const needs: Record<Capability, readonly string[]> = {
    'node-access': failing(nodes, has()),
    reboot: failing(nodes, has('root', 'systemd')),
    power: failing(nodes, ({ power }) => power !== undefined),
    'static-pods': failing(
      nodes.filter(({ roles }) => roles.includes('control-plane')),
      has('manifests'),
    ),
    // Without access to its nodes nobody shuts them down.
    'graceful-shutdown': failing(kubelets, (node) => has()(node) && (graces.get(node.name) ?? 0) > 0),
    'etcd-access': failing(etcdNodes(nodes), has('etcd-client')),
    'etcd-nodes': onlyEtcd.length === 0 ? ['no node is for etcd alone'] : failing(onlyEtcd, alone),
    join: ['nobody makes machines for it'],
    containers: ['its network is its own'],
    'embedded-registry': ['nobody can tell whether it has one'],
    'network-policy': enforcer === null ? ['nothing that is known enforces it'] : [],
  }
  const entries = Object.entries(needs) as [Capability, readonly string[]][]
  const capabilities = new Set(entries.filter(([, lacking]) => lacking.length === 0).map(([capability]) => capability))
  const unit = etcdNodes(nodes).every(has('etcd-unit')) ? 'etcd' : null
  return {
    capabilities,
    lacks: Object.fromEntries(entries.filter(([, lacking]) => lacking.length > 0)),
    etcd: capabilities.has('etcd-access') ? kubeadmEtcdLayout(unit) : null,
    constants: clusterConstants(definition, kubeletConfiguration(definition, graces)),
  }
}

/** The names of those that cannot. */
function failing(among: readonly NodeDefinition[], can: (node: NodeDefinition) => boolean): string[] {
  return among.filter((node) => !can(node)).map(({ name }) => name)
}

/** With the longest grace of all kubelets; what the definition says of it where none could be asked. */
function kubeletConfiguration({ kubelet }: ClusterDefinition, graces: ShutdownGraces): Record<string, unknown> {
  return graces.size === 0 ? kubelet : { ...kubelet, shutdownGracePeriod: `${Math.max(...graces.values())}ms` }
}
