import type { ClusterNode } from '../nodes/node.ts'

/** cgroup v2, else v1; both as the machine sees its own. */
const script = `
if [ -f /sys/fs/cgroup/memory.current ]; then
  cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.stat
else
  cat /sys/fs/cgroup/memory/memory.usage_in_bytes /sys/fs/cgroup/memory/memory.stat
fi`

/** What the machine uses without what the kernel could drop at once (inactive file pages), in bytes. */
export async function workingSetBytes(node: Pick<ClusterNode, 'exec'>): Promise<number> {
  return workingSet((await node.exec(['sh', '-c', script])).stdout)
}

export function workingSet(text: string): number {
  const usage = Number.parseInt(text, 10)
  // v1 has it for the group alone and, with `total_`, for its children too.
  const inactive = /^total_inactive_file (\d+)$/m.exec(text)?.[1] ?? /^inactive_file (\d+)$/m.exec(text)?.[1] ?? '0'
  return Math.max(0, usage - Number(inactive))
}
