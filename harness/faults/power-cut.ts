import type { StartedCluster } from '../cluster.ts'
import { type ClusterNode, rebooted } from '../nodes/node.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** A power cut: SIGKILL to everything on the node, nothing is written out. Healing switches it on again. */
export function powerCutFault(node: ClusterNode): Fault {
  return {
    name: 'power-cut',
    node: node.name,
    available: (cluster) => cluster.capabilities.has('power') || 'its nodes cannot be switched off from outside',
    async inject() {
      const before = await node.bootEvidence()
      await node.kill()
      if (await node.running()) throw new NoEvidence(`power-cut: ${node.name} still runs after SIGKILL`)
      return {
        evidence: { before },
        async heal() {
          await node.start()
          const after = await node.bootEvidence()
          if (!rebooted(before, after)) throw new NoEvidence(`power-cut: ${node.name} was not started anew`)
        },
      }
    },
  }
}

export function powerCut(cluster: StartedCluster, node: ClusterNode): Promise<InjectedFault> {
  return inject(cluster, powerCutFault(node))
}
