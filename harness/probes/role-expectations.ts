import type { EtcdLayout } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { etcdNodes, etcdOnly, isKubernetesNode } from '../topology.ts'

/**
 * One thing that a machine may have: a command on its PATH, a systemd unit that is active, a process by its program, a
 * TCP port that something listens on, a static pod, a Node object, containers of Kubernetes, and a container engine
 * that a client for it reaches.
 */
export type Item =
  | `command/${string}`
  | `unit/${string}`
  | `process/${string}`
  | `port/${number}`
  | `static-pod/${string}`
  | 'object/Node'
  | 'containers'
  | 'engine-client'

export interface Expectations {
  readonly must: readonly Item[]
  readonly mustNot: readonly Item[]
}

const controlPlane = [
  'process/kube-apiserver',
  'process/kube-controller-manager',
  'process/kube-scheduler',
  'port/6443',
  'port/10257',
  'port/10259',
  'static-pod/kube-apiserver',
  'static-pod/kube-controller-manager',
  'static-pod/kube-scheduler',
] as const satisfies Item[]

const kubernetes = [
  'unit/kubelet',
  'unit/containerd',
  'process/kubelet',
  'process/containerd',
  'process/kube-proxy',
  'port/10250',
  'object/Node',
] as const satisfies Item[]

const member = ['process/etcd', 'port/2379', 'port/2380'] as const satisfies Item[]

/**
 * What each role has, and what a machine without it must not have. Ports are those of
 * kubernetes.io/docs/reference/networking/ports-and-protocols. Of nerdctl, crictl and etcdctl nothing is expected:
 * distributions differ, and no role needs them.
 */
export const roleExpectations = {
  /** Every machine with a kubelet, whatever else it has. */
  kubernetes: { must: ['command/kubelet', ...kubernetes], mustNot: [] },
  'control-plane': { must: controlPlane, mustNot: [] },
  'no control-plane': { must: [], mustNot: controlPlane },
  /** A member that is a systemd unit: Kubespray's `etcd_deployment_type: host`. */
  'etcd unit': { must: ['command/etcd', 'unit/etcd', ...member], mustNot: ['static-pod/etcd'] },
  /** A member that is a static pod beside its API server: kubeadm's stacked etcd. */
  'etcd pod': { must: ['static-pod/etcd', ...member], mustNot: ['unit/etcd'] },
  'no etcd': { must: [], mustNot: ['unit/etcd', 'static-pod/etcd', ...member] },
  /** The binaries may lie there, as they are part of an image; nothing of them may run. */
  'etcd alone': { must: [], mustNot: [...kubernetes, 'containers', 'engine-client'] },
} as const satisfies Record<string, Expectations>

export type RolePart = keyof typeof roleExpectations

/** What a check expects of every host that was written for hosts of Kubernetes only. */
export const roleBlindExpectations = {
  must: ['engine-client', 'unit/kubelet', 'unit/containerd', 'object/Node'],
  mustNot: [],
} as const satisfies Expectations

export interface RoledCluster {
  readonly nodes: readonly Pick<ClusterNode, 'name' | 'roles'>[]
  readonly etcd: EtcdLayout | null
}

/** The parts of the table that a machine is judged by. */
export function rolePartsOf({ nodes, etcd }: RoledCluster, node: Pick<ClusterNode, 'name' | 'roles'>): RolePart[] {
  const parts: RolePart[] = [node.roles.includes('control-plane') ? 'control-plane' : 'no control-plane']
  parts.push(isKubernetesNode(node) ? 'kubernetes' : 'etcd alone')
  // Where nobody can ask the members, nobody knows how etcd is run.
  if (etcd === null) return parts
  const hasMember = etcdNodes(nodes).some(({ name }) => name === node.name)
  const pod = etcd.unit === null && !etcdOnly(node)
  return [...parts, !hasMember ? 'no etcd' : pod ? 'etcd pod' : 'etcd unit']
}

/** What the machine must have and must not have, by its roles in this cluster. */
export function expectationsOf(cluster: RoledCluster, node: Pick<ClusterNode, 'name' | 'roles'>): Expectations {
  const parts: readonly Expectations[] = rolePartsOf(cluster, node).map((part) => roleExpectations[part])
  return { must: parts.flatMap(({ must }) => must), mustNot: parts.flatMap(({ mustNot }) => mustNot) }
}
