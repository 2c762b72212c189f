import { budget } from '../budgets/budget.ts'
import { terminationGrace } from '../budgets/election.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'
import { waitContext } from './wait-context.ts'

/** What a process may take to end, by the signal that it is sent. */
const ending = {
  KILL: budget({ name: 'SIGKILL', ms: 5_000, source: 'the kernel ends the process at once' }),
  TERM: budget(terminationGrace),
} as const

export interface KillOptions {
  /** `KILL`, the default: nothing is released, nothing is written out. `TERM`: it ends in order, as the kubelet has it. */
  readonly signal?: keyof typeof ending
}

/**
 * A signal to a program on a machine, containers' included, that ends it. Whoever started it may start it again.
 * @param program its name as its command line begins: `kube-scheduler`
 */
export function killProcessFault(node: ClusterNode, program: string, { signal = 'KILL' }: KillOptions = {}): Fault {
  return {
    name: `kill ${program}`,
    node: node.name,
    available: (cluster) => cluster.capabilities.has('node-access') || 'no command can be run on its nodes',
    async inject(cluster) {
      const before = await processes(node, program)
      if (before.length === 0) throw new NoEvidence(`kill ${program}: ${node.name} does not run it`)
      await endProcesses(node, before, signal)
      try {
        const after = await eventually(waitContext(cluster), `${program} has ended on ${node.name}`, {
          probe: () => processes(node, program),
          until: (pids) => pids.every((pid) => !before.includes(pid)),
          within: ending[signal],
        })
        return { evidence: { before, after }, heal: () => Promise.resolve() }
      } catch (error) {
        if (!(error instanceof ExpectationFailed)) throw error
        throw new NoEvidence(`kill ${program}: ${error.message}`)
      }
    },
  }
}

export function killProcess(
  cluster: StartedCluster,
  node: ClusterNode,
  program: string,
  options: KillOptions = {},
): Promise<InjectedFault> {
  return inject(cluster, killProcessFault(node, program, options))
}

/** Sends a signal to processes of a machine. @throws {CommandError} where one of them is not there any more */
export async function endProcesses(
  node: Pick<ClusterNode, 'exec'>,
  pids: readonly string[],
  signal: keyof typeof ending = 'KILL',
): Promise<void> {
  await node.exec(['kill', `-${signal}`, ...pids])
}

/** Process ids on the machine whose command line begins with the program. */
export async function processes(node: ClusterNode, program: string): Promise<string[]> {
  const { stdout } = await node.exec(['pgrep', '--full', `^([^ ]*/)?${program}( |$)`], { reject: false })
  return stdout.split('\n').filter((pid) => pid !== '')
}
