import { budget } from '../budgets/budget.ts'
import { systemdStop } from '../budgets/constants.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

type Nodes = readonly ClusterNode[]

/** Whether etcd can be stopped by its unit; if not, what is missing. */
export const needsUnit = (cluster: StartedCluster) =>
  cluster.capabilities.has('etcd-nodes') || 'etcd is no unit of its own on its nodes'

/** Stops etcd on these nodes in order, all at once; healing starts it again and does not wait for what comes of it. */
export function etcdStopFault(nodes: Nodes): Fault {
  return {
    name: 'etcd-stop',
    node: names(nodes),
    available: needsUnit,
    async inject() {
      const before = await Promise.all(nodes.map(unit))
      const heal = async () => {
        await Promise.all(nodes.map((node) => node.exec(['systemctl', 'start', '--no-block', 'etcd'])))
      }
      try {
        const stop = ['systemctl', 'stop', 'etcd'] as const
        await Promise.all(nodes.map((node) => node.exec(stop, { timeoutMs: systemdStop.ms + 10_000 })))
        const after = await Promise.all(nodes.map(unit))
        const running = nodes.filter((_, index) => before[index]?.pid === 0 || after[index]?.pid !== 0)
        if (running.length > 0)
          throw new NoEvidence(`etcd-stop: etcd did not run before, or runs on: ${names(running)}`)
        return { evidence: { before, after }, heal }
      } catch (error) {
        await heal()
        throw error
      }
    },
  }
}

/** Stops etcd on these nodes. */
export function etcdStop(cluster: StartedCluster, nodes: Nodes): Promise<InjectedFault> {
  return inject(cluster, etcdStopFault(nodes))
}

const restarted = budget(systemdStop, {
  name: 'RestartSec',
  ms: 1_000,
  source: "the unit's own setting",
})

/** Restarts etcd on these nodes, all at once: in order, and each comes back as soon as systemd starts it. */
export function etcdRestartFault(nodes: Nodes): Fault {
  return {
    name: 'etcd-restart',
    node: names(nodes),
    available: needsUnit,
    async inject(cluster) {
      const before = await Promise.all(nodes.map(unit))
      await Promise.all(nodes.map((node) => node.exec(['systemctl', 'restart', '--no-block', 'etcd'])))
      const after = await awaitEvidence(cluster, 'etcd-restart', `etcd has other processes on ${names(nodes)}`, {
        probe: () => Promise.all(nodes.map(unit)),
        until: (now) => now.every(({ pid }, index) => pid !== before[index]?.pid),
        within: restarted,
        describe: (now) => now.map(({ pid, state }) => `${pid} ${state}`).join(', '),
      })
      return { evidence: { before, after }, heal: () => Promise.resolve() }
    },
  }
}

/** Restarts etcd on these nodes. */
export function etcdRestart(cluster: StartedCluster, nodes: Nodes): Promise<InjectedFault> {
  return inject(cluster, etcdRestartFault(nodes))
}

interface UnitState {
  /** 0: no process. */
  readonly pid: number
  readonly state: string
}

async function unit(node: ClusterNode): Promise<UnitState> {
  const { stdout } = await node.exec(['systemctl', 'show', '--property', 'MainPID,ActiveState', 'etcd'])
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
  return { pid: Number(value('MainPID')), state: value('ActiveState') }
}

function names(nodes: Nodes): string {
  return nodes.map(({ name }) => name).join(', ')
}
