import type { ClusterNode } from './node.ts'

/** Less than the limit of a probe, 5 s. */
const limitSeconds = 4

/**
 * Waits on the node itself until a condition holds, for 4 s at most, and returns whether it does. A look from outside
 * costs a tenth of a second of a processor, which machines that boot need themselves.
 * @param condition a fixed shell command
 */
export async function waitOnNode(node: Pick<ClusterNode, 'exec'>, condition: string): Promise<boolean> {
  const loop = `until ${condition} 2>/dev/null; do sleep 0.1; done`
  const { exitCode } = await node.exec(['timeout', String(limitSeconds), 'sh', '-c', loop], { reject: false })
  return exitCode === 0
}
