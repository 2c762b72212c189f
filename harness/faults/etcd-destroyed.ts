import { systemdStop } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { needsUnit } from './etcd-unit.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** Destroys every member: etcd is stopped everywhere and its data are gone. Nothing heals that but a snapshot. */
export function etcdDestroyedFault(nodes: readonly ClusterNode[]): Fault {
  return {
    name: 'etcd-destroyed',
    node: nodes.map(({ name }) => name).join(', '),
    available: needsUnit,
    async inject({ etcd }) {
      const directory = etcd?.dataDirectory ?? ''
      const left = await Promise.all(
        nodes.map(async (node) => {
          await node.exec(['systemctl', 'stop', 'etcd'], { timeoutMs: systemdStop.ms + 10_000 })
          const { stdout } = await node.exec(['du', '--summarize', '--bytes', directory])
          await node.exec(['rm', '-r', directory])
          return { node: node.name, destroyedBytes: Number.parseInt(stdout, 10) }
        }),
      )
      if (left.some(({ destroyedBytes }) => !(destroyedBytes > 0))) {
        throw new NoEvidence('etcd-destroyed: a member had no data')
      }
      return { evidence: left, heal: () => Promise.resolve() }
    },
  }
}

/** Destroys every member of etcd. */
export function etcdDestroyed(cluster: StartedCluster, nodes: readonly ClusterNode[]): Promise<InjectedFault> {
  return inject(cluster, etcdDestroyedFault(nodes))
}
