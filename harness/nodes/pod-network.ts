import type { RunResult } from '../process.ts'
import type { ClusterNode, ExecOptions } from './node.ts'

type Machine = Pick<ClusterNode, 'name' | 'exec'>

/** Where container runtimes keep the network namespaces that they make for pods, each a file (containerd's pkg/netns). */
const folder = '/var/run/netns'

/** Prints the namespace that has the address $1; nothing where none has. */
const findNamespace = `
for namespace in ${folder}/*; do
  nsenter --net="$namespace" ip -o -4 address 2>/dev/null | grep -qF " inet $1/" || continue
  echo "$namespace"
  break
done
`

/**
 * Runs a command of the node's own, without a shell, in the network namespace of a pod: its packets are the pod's.
 * Pods on the host's network have none.
 * @param podIp the pod's IPv4 address
 * @throws {Error} where no pod on that node has the address
 * @throws {CommandError} where the command fails, unless `reject` is false
 */
export async function inPodNetwork(
  node: Machine,
  podIp: string,
  command: readonly [string, ...string[]],
  options: ExecOptions = {},
): Promise<RunResult> {
  const namespace = await podNetwork(node, podIp)
  return node.exec(['nsenter', `--net=${namespace}`, ...command], options)
}

/** The network namespace of a pod, as a file of its node. @throws {Error} where no pod there has the address */
export async function podNetwork(node: Machine, podIp: string): Promise<string> {
  const { stdout } = await node.exec(['sh', '-c', findNamespace, 'sh', podIp])
  const namespace = stdout.trim()
  if (namespace === '') throw new Error(`no pod on ${node.name} has the address ${podIp}: it is gone, or elsewhere`)
  return namespace
}
