import { budget } from '../budgets/budget.ts'
import { systemdStop } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault, MissingCapability } from './fault.ts'

const restarted = budget(systemdStop, {
  name: 'start of containerd',
  ms: 10_000,
  source: 'harness: it loads its plugins',
})

/**
 * Restarts containerd on a node: containers run on, and what asks it for images or containers meanwhile is refused.
 * It counts as struck once its unit has another process that serves; there is nothing to heal.
 */
export function restartContainerdFault(node: ClusterNode): Fault {
  return {
    name: 'restart-containerd',
    node: node.name,
    available: (cluster) => cluster.capabilities.has('node-access') || 'no command can be run on its nodes',
    async inject(cluster) {
      const before = await unit(node)
      // k3s runs it within its own process.
      if (before.pid === 0) throw new MissingCapability(`containerd is no unit of its own on ${node.name}`)
      await node.exec(['systemctl', 'restart', '--no-block', 'containerd'])
      const what = `containerd has another process on ${node.name}`
      const after = await awaitEvidence(cluster, 'restart-containerd', what, {
        probe: () => unit(node),
        until: ({ pid, state }) => pid !== 0 && pid !== before.pid && state === 'active',
        within: restarted,
        describe: ({ pid, state }) => `${pid} ${state}`,
      })
      return { evidence: { before, after }, heal: () => Promise.resolve() }
    },
  }
}

/** Restarts containerd on a node. */
export function restartContainerd(cluster: StartedCluster, node: ClusterNode): Promise<InjectedFault> {
  return inject(cluster, restartContainerdFault(node))
}

interface UnitState {
  /** 0: no process, or no such unit. */
  readonly pid: number
  readonly state: string
}

async function unit(node: ClusterNode): Promise<UnitState> {
  const { stdout } = await node.exec(['systemctl', 'show', '--property', 'MainPID,ActiveState', 'containerd'], {
    reject: false,
  })
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
  return { pid: Number(value('MainPID')), state: value('ActiveState') }
}
