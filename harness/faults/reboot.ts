import { budget } from '../budgets/budget.ts'
import { engineRestart, shutdownGrace, systemdStop } from '../budgets/boot.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { type ClusterNode, rebooted } from '../nodes/node.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'
import { waitContext } from './wait-context.ts'

/**
 * A graceful reboot: `systemctl reboot` on the node. logind holds it up for the kubelet's inhibitor lock, so that the
 * kubelet ends its pods first. The machine comes back by itself; `inject` returns once it has started again.
 */
export function rebootFault(node: ClusterNode): Fault {
  return {
    name: 'reboot',
    node: node.name,
    available: (cluster) => cluster.capabilities.has('reboot') || 'its nodes cannot be rebooted from within',
    async inject(cluster) {
      const before = await node.bootEvidence()
      // The command may lose its connection to an init that is already stopping: only the evidence counts.
      const command = await node.exec(['systemctl', 'reboot'], { reject: false })
      const within = budget(shutdownGrace(cluster.constants.shutdownGracePeriodMs), systemdStop, engineRestart)
      try {
        const after = await eventually(waitContext(cluster), `${node.name} starts again`, {
          probe: () => node.bootEvidence(),
          until: (now) => rebooted(before, now) && now.pid !== 0,
          within,
        })
        return { evidence: { before, after }, heal: () => Promise.resolve() }
      } catch (error) {
        if (!(error instanceof ExpectationFailed)) throw error
        throw new NoEvidence(`${error.message}\n  systemctl reboot said: ${command.stderr || command.stdout || '-'}`)
      }
    },
  }
}

export function reboot(cluster: StartedCluster, node: ClusterNode): Promise<InjectedFault> {
  return inject(cluster, rebootFault(node))
}
