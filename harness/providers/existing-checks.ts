import { messageOf } from '../error-message.ts'
import type { Node } from '../kube/types.ts'
import { readKubeconfig } from '../kube/kubeconfig.ts'
import type { CommandNode } from '../nodes/command-node.ts'
import { type ClusterDefinition, isKubernetesNode } from '../topology.ts'
import { UserError } from '../user-error.ts'

/** What is wrong with a definition of an existing cluster as far as it shows without asking the cluster. */
export async function checkExisting(definition: ClusterDefinition): Promise<void> {
  const { name, nodes } = definition
  readKubeconfig(kubeconfigOf(definition))
  const unseen = nodes.find(({ command, power }) => power !== undefined && command === undefined)
  if (unseen !== undefined) {
    throw new UserError(`${name}: node ${unseen.name} has power and no command: nobody could see whether it is off`, {
      exitCode: 2,
      hint: `Give it nodes[].command as well, such as [ssh, root@${unseen.name}].`,
    })
  }
}

/**
 * The path of the definition's kubeconfig: as the definition's file has it, else relative to the working directory.
 * @throws {UserError} where it has none
 */
export function kubeconfigOf({ name, kubeconfig }: ClusterDefinition): string {
  if (kubeconfig !== undefined) return kubeconfig
  throw new UserError(`${name}: the provider existing needs the field kubeconfig`, {
    exitCode: 2,
    hint: 'Give it the path of a kubeconfig whose current context is the cluster.',
  })
}

/** @throws {UserError} where the cluster is of another minor version: budgets follow the definition's */
export function requireVersion({ name, kubernetes }: ClusterDefinition, gitVersion: string): void {
  const minor = /^v(1\.\d+)\b/.exec(gitVersion)?.[1]
  if (minor === kubernetes) return
  throw new UserError(`${name}: the cluster runs Kubernetes ${gitVersion}, and the definition says "${kubernetes}"`, {
    exitCode: 2,
    hint: `Write kubernetes: "${minor ?? gitVersion}" into the definition, or name another kubeconfig.`,
  })
}

/** @throws {UserError} where a machine is no Node, or a Node is in no definition: its health would go unnoticed */
export function requireNodes(definition: ClusterDefinition, nodes: readonly Node[]): void {
  const present = nodes.map(({ metadata }) => metadata.name)
  const missing = definition.nodes.filter((node) => isKubernetesNode(node) && !present.includes(node.name))
  // Machines of etcd alone are Nodes with k3s, and none with kubeadm.
  const extra = present.filter((name) => definition.nodes.every((node) => node.name !== name))
  if (missing.length === 0 && extra.length === 0) return
  const faults = [
    ...(missing.length > 0 ? [`the cluster has no Node ${missing.map(({ name }) => name).join(', ')}`] : []),
    ...(extra.length > 0 ? [`the definition does not have its Node ${extra.join(', ')}`] : []),
  ]
  throw new UserError(`${definition.name}: ${faults.join('; ')}`, {
    exitCode: 2,
    hint: 'nodes[].name must be the names that kubectl get nodes shows, all of them; only one of etcd alone may be none.',
  })
}

/**
 * Connects to every node that has a command.
 * @throws {UserError} with each node whose command does not work, and what it said
 */
export async function connectNodes(cluster: string, nodes: readonly CommandNode[]): Promise<void> {
  const given = nodes.filter(({ accessible }) => accessible)
  const results = await Promise.allSettled(given.map((node) => node.connect()))
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [{ node: given[index]?.name ?? '', reason: result.reason as unknown }] : [],
  )
  if (failures.length === 0) return
  const lines = failures.map(({ node, reason }) => `node ${node}: its command does not work: ${messageOf(reason)}`)
  throw new UserError(`${cluster}: ${lines.join('\n')}`, {
    hint:
      'Run it by hand, without a terminal: the command, then `echo ok </dev/null`. It must run what is added to it on ' +
      'the node, as root, and ask and say nothing of its own.',
    cause: failures[0]?.reason,
  })
}
