import type { StartedCluster } from '../cluster.ts'
import { rebooted } from '../nodes/node.ts'
import { startOrder } from '../topology.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** Switches every node off, all at once; healing switches them on in the order that the definition gives. */
export function coldStartFault(): Fault {
  return {
    name: 'cold-start',
    node: '*',
    available: (cluster) => cluster.capabilities.has('power') || 'its nodes cannot be switched on from outside',
    async inject(cluster) {
      const before = await Promise.all(cluster.nodes.map((node) => node.bootEvidence()))
      await Promise.all(cluster.nodes.map((node) => node.stop()))
      const running = await Promise.all(cluster.nodes.map((node) => node.running()))
      if (running.includes(true)) throw new NoEvidence('cold-start: not every node is off')
      return {
        evidence: { before },
        async heal() {
          for (const group of startOrder(cluster.definition.nodes) ?? []) {
            const machines = cluster.definition.nodes.flatMap(({ name }, index) =>
              group.includes(name) ? (cluster.nodes[index] ?? []) : [],
            )
            await Promise.all(machines.map((machine) => machine.start()))
          }
          const after = await Promise.all(cluster.nodes.map((node) => node.bootEvidence()))
          if (!after.every((now, index) => rebooted(before[index] ?? now, now))) {
            throw new NoEvidence('cold-start: not every node was started anew')
          }
        },
      }
    },
  }
}

export function coldStart(cluster: StartedCluster): Promise<InjectedFault> {
  return inject(cluster, coldStartFault())
}
