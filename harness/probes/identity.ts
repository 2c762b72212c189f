import { X509Certificate } from 'node:crypto'

import type { StartedCluster } from '../cluster.ts'
import { memberNames } from '../kube/observe-etcd.ts'
import type { KubeList } from '../kube/api.ts'
import type { Node } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { etcdNodes, isKubernetesNode } from '../topology.ts'
import { etcdMembers, memberStatus } from './etcd.ts'

type Cluster = Pick<StartedCluster, 'nodes' | 'etcd' | 'journal' | 'api'>

/** A member of etcd and every name that it has had. */
export interface MemberIdentity {
  readonly id: string
  /** Name of the machine that it runs on; null: no machine has it. */
  readonly machine: string | null
  /** Oldest first, as far as the journal saw them, and the present one. */
  readonly names: readonly string[]
}

/**
 * Every member by its id, which alone is for life. The machine is asked which member it runs: URLs and names are what
 * may be wrong.
 */
export async function memberIdentities(cluster: Cluster): Promise<MemberIdentity[]> {
  const nodes = etcdNodes(cluster.nodes)
  const machines = new Map(
    await Promise.all(nodes.map(async (node) => [(await memberStatus(cluster, node)).memberId, node.name] as const)),
  )
  const [via] = nodes
  if (via === undefined) return []
  const seen = memberNames(cluster.journal.records())
  return (await etcdMembers(cluster, via)).map(({ id, name }) => ({
    id,
    machine: machines.get(id) ?? null,
    names: [...new Set([...(seen.get(id) ?? []), ...(name === '' ? [] : [name])])],
  }))
}

/** Names of the Node objects that there are, sorted. */
export async function nodeNames({ api }: Pick<StartedCluster, 'api'>): Promise<string[]> {
  const { items } = await api.get<KubeList<Node>>('/api/v1/nodes')
  return items.map(({ metadata }) => metadata.name).toSorted()
}

/** Names of the machines that must be Nodes, sorted. */
export function machineNames({ nodes }: Pick<StartedCluster, 'nodes'>): string[] {
  return nodes
    .filter(isKubernetesNode)
    .map(({ name }) => name)
    .toSorted()
}

/** A certificate of a machine whose subject is its host name. */
export interface NamedCertificate {
  readonly node: string
  readonly file: string
  /** Common name, without what Kubernetes puts before it (`system:node:`). */
  readonly name: string
}

const kubeletCertificate = '/var/lib/kubelet/pki/kubelet-client-current.pem'

/** The certificates that bear the machine's name: of its member of etcd, and of its kubelet. */
export async function namedCertificates(cluster: Cluster): Promise<NamedCertificate[]> {
  const members = etcdNodes(cluster.nodes)
  const all = await Promise.all(
    cluster.nodes.map(async (node) => {
      const files = [
        ...(members.includes(node) && cluster.etcd !== null
          ? ['server.crt', 'peer.crt'].map((file) => cluster.etcd?.ca.replace(/[^/]+$/, file) ?? '')
          : []),
        ...(isKubernetesNode(node) ? [kubeletCertificate] : []),
      ]
      return Promise.all(files.map((file) => namedCertificate(node, file)))
    }),
  )
  return all.flat()
}

async function namedCertificate(node: ClusterNode, file: string): Promise<NamedCertificate> {
  const { stdout } = await node.exec(['cat', file])
  const { subject } = new X509Certificate(stdout)
  const name = /^CN=(?:system:node:)?(.*)$/m.exec(subject)?.[1] ?? ''
  return { node: node.name, file, name }
}
