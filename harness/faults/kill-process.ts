import { budget } from '../budgets/budget.ts'
import { terminationGrace } from '../budgets/election.ts'
import type { StartedCluster } from '../cluster.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

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
      const after = await awaitEvidence(cluster, `kill ${program}`, `${program} has ended on ${node.name}`, {
        probe: () => processes(node, program),
        until: (pids) => pids.every((pid) => !before.includes(pid)),
        within: ending[signal],
      })
      return { evidence: { signal, before, after }, heal: () => Promise.resolve() }
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

/** pgrep's exit code where no process is like that. */
const noneSuch = 1

/**
 * Process ids on the machine whose command line begins with the program.
 * @throws {Error} where they cannot be looked for: that none runs is not known then
 */
export async function processes(node: Pick<ClusterNode, 'name' | 'exec'>, program: string): Promise<string[]> {
  const pattern = `^([^ ]*/)?${program}( |$)`
  const { stdout, stderr, exitCode } = await node.exec(['pgrep', '--full', pattern], { reject: false })
  if (exitCode > noneSuch) throw new Error(`${node.name} cannot look for ${program}: ${(stderr || stdout).trim()}`)
  return stdout.split('\n').filter((pid) => pid !== '')
}
