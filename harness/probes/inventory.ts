import type { StartedCluster } from '../cluster.ts'
import { KubeApiError, type KubeList } from '../kube/api.ts'
import type { Node, Pod } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import type { Expectations, Item } from './role-expectations.ts'
import { roleBlindExpectations } from './role-expectations.ts'
import { unitStates } from './role-health.ts'

/** What was found on a machine, and of it in the API. */
export interface Inventory {
  readonly node: string
  readonly items: ReadonlySet<Item>
}

export interface InventoryFinding {
  readonly node: string
  readonly item: Item
  readonly problem: 'missing' | 'unexpected'
}

const units = ['etcd', 'kubelet', 'containerd', 'docker', 'crio'] as const
const engines = ['containerd', 'docker', 'crio'] as const
const engineClients = ['command/nerdctl', 'command/crictl', 'command/ctr', 'command/docker'] as const

/** `command -v` is the shell's own; nothing of it comes from outside. */
const findCommands =
  'for tool in etcd etcdctl kubelet kubeadm containerd ctr crictl nerdctl docker; do command -v "$tool"; done; true'

/**
 * Reads what the machine has.
 * @throws {Error} where it can run no command: then nobody knows what it has
 * @throws {KubeApiError} where the API does not answer
 */
export async function takeInventory(cluster: Pick<StartedCluster, 'api'>, node: ClusterNode): Promise<Inventory> {
  const { stdout: programs, stderr } = await node.exec(['ps', '-eo', 'args='], { reject: false })
  if (programs.trim() === '') throw new Error(`${node.name} cannot be looked at: ${stderr.trim() || 'ps says nothing'}`)
  const [states, sockets, commands, nodeObject, pods] = await Promise.all([
    unitStates(node, units),
    node.exec(['ss', '-Hltn']),
    node.exec(['sh', '-c', findCommands]),
    hasNodeObject(cluster, node),
    staticPods(cluster, node),
  ])
  const items = new Set<Item>([
    ...units.filter((unit) => states.get(unit) === 'active').map((unit): Item => `unit/${unit}`),
    ...programs.split('\n').map((line): Item => `process/${program(line)}`),
    ...listeningPorts(sockets.stdout).map((port): Item => `port/${port}`),
    ...commands.stdout.split('\n').map((path): Item => `command/${program(path)}`),
    ...pods.map((name): Item => `static-pod/${name}`),
    ...(nodeObject ? (['object/Node'] as const) : []),
  ])
  const engine = engines.some((unit) => items.has(`unit/${unit}`))
  if (engine && engineClients.some((client) => items.has(client))) items.add('engine-client')
  if (items.has('unit/containerd') && items.has('command/ctr')) {
    const tasks = await node.exec(['ctr', '--namespace', 'k8s.io', 'tasks', 'ls', '--quiet'], { reject: false })
    if (tasks.exitCode === 0 && tasks.stdout.trim() !== '') items.add('containers')
  }
  return { node: node.name, items }
}

/** What is missing and what is there too much. Nothing is both: what one role needs, no other may forbid. */
export function judgeInventory({ node, items }: Inventory, { must, mustNot }: Expectations): InventoryFinding[] {
  const needed = new Set(must)
  return [
    ...[...needed].filter((item) => !items.has(item)).map((item) => ({ node, item, problem: 'missing' }) as const),
    ...[...new Set(mustNot)]
      .filter((item) => items.has(item) && !needed.has(item))
      .map((item) => ({ node, item, problem: 'unexpected' }) as const),
  ]
}

/** What a check finds that expects the same of every host: wrong on purpose, it is what is tested against. */
export function roleBlindCheck(inventories: readonly Inventory[]): InventoryFinding[] {
  return inventories.flatMap((inventory) => judgeInventory(inventory, roleBlindExpectations))
}

/** `etcd-1 has no unit/kubelet`, for observations. */
export function describeFinding({ node, item, problem }: InventoryFinding): string {
  return problem === 'missing' ? `${node} has no ${item}` : `${node} has ${item}, and must not`
}

/** The file name of what a command line starts. */
function program(line: string): string {
  const [path = ''] = line.trim().split(/\s/)
  // Some programs write a title with a colon over their arguments.
  return (path.split('/').at(-1) ?? '').replace(/:$/, '')
}

/** The fourth column is the local address: `*:2380`, `127.0.0.1:10248`, `[::]:6443`. */
export function listeningPorts(text: string): number[] {
  const ports = text.split('\n').map((line) => Number(/:(\d+)$/.exec(line.trim().split(/\s+/)[3] ?? '')?.[1]))
  return [...new Set(ports.filter((port) => port > 0))].toSorted((a, b) => a - b)
}

async function hasNodeObject({ api }: Pick<StartedCluster, 'api'>, { name }: ClusterNode): Promise<boolean> {
  try {
    await api.get<Node>(`/api/v1/nodes/${name}`)
    return true
  } catch (error) {
    if (error instanceof KubeApiError && error.status === 404) return false
    throw error
  }
}

/** Their names without the machine's, which the kubelet adds. */
async function staticPods({ api }: Pick<StartedCluster, 'api'>, { name }: ClusterNode): Promise<string[]> {
  const path = `/api/v1/namespaces/kube-system/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`
  const { items } = await api.get<KubeList<Pod>>(path)
  return items
    .filter(({ metadata, spec }) => spec?.nodeName === name && metadata.annotations?.['kubernetes.io/config.mirror'])
    .map(({ metadata }) =>
      metadata.name.endsWith(`-${name}`) ? metadata.name.slice(0, -name.length - 1) : metadata.name,
    )
}
