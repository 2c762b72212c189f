import { messageOf } from '../../error-message.ts'
import { budget, extend } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import type { KubeApi } from '../../kube/api.ts'
import { conditionTrue, type Node } from '../../kube/types.ts'
import { ContainerNode } from '../../nodes/container-node.ts'
import { publishedPort, startMachine } from '../../nodes/machine-container.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { run } from '../../process.ts'
import type { ProviderContext } from '../provider.ts'
import { commandLine } from './command-line.ts'
import { entrypoint, machineFiles } from './machine-files.ts'
import { kubeconfigFile, supervisorPort, volumes } from './paths.ts'
import { type ClusterPlan, isServer, joinUrl, type Machine } from './plan.ts'
import { ping } from './supervisor.ts'

/** A machine that runs, with its part in the plan. */
export interface RunningMachine {
  readonly machine: Machine
  readonly node: ClusterNode
}

export const k3sStarts = budget(
  { name: 'CheckDeployments', ms: 120_000, source: 'k3s-io/k3s tests/docker/etcd' },
  { name: 'NodesReady', ms: 60_000, source: 'k3s-io/k3s tests/docker/etcd' },
)

type Journalled = Pick<ProviderContext, 'journal'>

/** The machine as a node, on or off. */
export function nodeOf(machine: Machine): ClusterNode {
  return new ContainerNode(machine.name, machine.roles)
}

/** Switches a machine on for the first time; k3s may still be starting when this returns. */
export async function switchOn(
  plan: ClusterPlan,
  machine: Machine,
  join: Machine | null,
  image: string,
  { run: settings }: Pick<ProviderContext, 'run'>,
): Promise<void> {
  const isEndpoint = machine.name === plan.endpoint.name
  await startMachine(settings, {
    name: machine.name,
    image,
    network: plan.network.name,
    address: machine.address,
    files: machineFiles(plan.definition, plan.network.subnet),
    volumes,
    environment: { K3S_TOKEN: plan.token },
    entrypoint: [entrypoint],
    command: commandLine(plan, machine, join === null ? null : joinUrl(join)),
    ...(isServer(machine) && { ports: { [supervisorPort]: isEndpoint ? plan.apiPort : 0 } }),
  })
}

/** Waits until the server can be joined. */
export async function awaitSupervisor({ name }: Machine, context: Journalled): Promise<void> {
  const port = await publishedPort(name, supervisorPort)
  const answers = eventually(waitContext(context), `the supervisor of ${name} answers`, {
    probe: (signal) => ping(port, signal),
    until: (answer) => answer === 'pong',
    within: k3sStarts,
  })
  await withLastWords(name, answers)
}

/** The admin's kubeconfig, as the server has written it. */
export async function readAdminKubeconfig(node: ClusterNode, context: Journalled): Promise<string> {
  const written = eventually(waitContext(context), `${node.name} has a kubeconfig`, {
    probe: async () => (await node.exec(['cat', kubeconfigFile], { reject: false })).stdout,
    until: (content) => content.includes('client-key-data'),
    within: k3sStarts,
    describe: (content) => `${content.length} characters`,
  })
  return withLastWords(node.name, written)
}

/** Waits until the API answers that it is ready. */
export async function awaitApi(api: KubeApi, node: ClusterNode, context: Journalled): Promise<void> {
  const answers = eventually(waitContext(context), `the API of ${node.name} answers`, {
    probe: (signal) => api.text('/readyz', { signal }),
    until: (answer) => answer === 'ok',
    within: k3sStarts,
  })
  await withLastWords(node.name, answers)
}

/** The leader promotes one learner at a time, each at the next tick of a timer. */
const learnerPromotion = {
  name: 'promotion of each learner',
  source: 'k3s-io/k3s pkg/etcd/etcd.go: manageTickerTime 15 s',
}

/** Waits until the machine is a Ready Node, and a voting member of etcd where it has one. */
export async function awaitJoined(
  api: KubeApi,
  plan: ClusterPlan,
  machine: Machine,
  context: Journalled,
): Promise<void> {
  const conditions = machine.member ? ['Ready', 'EtcdIsVoter'] : ['Ready']
  const members = plan.machines.filter(({ member }) => member).length
  const joined = eventually(waitContext(context), `${machine.name} is part of the cluster`, {
    probe: () => api.get<Node>(`/api/v1/nodes/${machine.name}`),
    until: (node) => conditions.every((type) => conditionTrue(node, type)),
    within: machine.member ? extend(k3sStarts, { ...learnerPromotion, ms: 15_000 * (members + 1) }) : k3sStarts,
    describe: ({ status }) => (status?.conditions ?? []).map(({ type, status: is }) => `${type} ${is}`).join(', '),
  })
  await withLastWords(machine.name, joined)
}

/** The release that the machine runs: `v1.34.11+k3s1`. */
export async function k3sVersion(node: ClusterNode): Promise<string> {
  const { stdout } = await node.exec(['k3s', '--version'])
  return /^k3s version (\S+)/m.exec(stdout)?.[1] ?? 'unknown'
}

/** The log ends with the machine where its start failed, and says more than that something was not in time. */
async function withLastWords<T>(machine: string, wait: Promise<T>): Promise<T> {
  try {
    return await wait
  } catch (cause) {
    const { stdout, stderr } = await run('docker', ['logs', '--tail', '10', machine], { reject: false })
    const message = messageOf(cause)
    throw new Error(`${message}\n  ${machine} said last:\n${stdout}${stderr}`, { cause })
  }
}
