import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** Switches the node off in order; healing switches it on again. */
export function powerOffFault(node: ClusterNode): Fault {
  return {
    name: 'power-off',
    node: node.name,
    available: (cluster) => cluster.capabilities.has('power') || 'its nodes cannot be switched on from outside',
    async inject() {
      const before = await node.bootEvidence()
      await node.stop()
      if (await node.running()) throw new NoEvidence(`power-off: ${node.name} still runs`)
      return { evidence: { before }, heal: () => node.start() }
    },
  }
}

export function powerOff(cluster: StartedCluster, node: ClusterNode): Promise<InjectedFault> {
  return inject(cluster, powerOffFault(node))
}
