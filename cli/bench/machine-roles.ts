import { etcdNodes, etcdOnly, type NodeDefinition } from '../../harness/topology.ts'

/** What a machine runs, as far as its memory depends on it. */
export const machineRoles = ['control plane with etcd', 'control plane without etcd', 'etcd alone', 'worker'] as const
export type MachineRole = (typeof machineRoles)[number]

type WithRoles = Pick<NodeDefinition, 'roles'>

/** @param all the machines of its cluster: where one has etcd alone, control planes have none unless they say so */
export function machineRole(node: WithRoles, all: readonly WithRoles[]): MachineRole {
  if (etcdOnly(node)) return 'etcd alone'
  if (!node.roles.includes('control-plane')) return 'worker'
  return etcdNodes(all).includes(node) ? 'control plane with etcd' : 'control plane without etcd'
}

/** The machines of a cluster in words: `3 etcd + 1 control plane + 2 workers`. */
export function describeMachines(all: readonly WithRoles[]): string {
  const roles = all.map((node) => machineRole(node, all))
  const parts = [
    [roles.filter((role) => role === 'etcd alone').length, 'etcd', 'etcd'],
    [roles.filter((role) => role.startsWith('control plane')).length, 'control plane', 'control planes'],
    [roles.filter((role) => role === 'worker').length, 'worker', 'workers'],
  ] as const
  return parts
    .flatMap(([count, one, several]) => (count === 0 ? [] : `${count} ${count === 1 ? one : several}`))
    .join(' + ')
}
