import type { ClusterNode } from './node.ts'

/** containerd's namespace that the kubelet's images and containers are in. */
const kubeletNamespace = 'k8s.io'

/** Where containerd listens: k3s and RKE2 keep theirs apart from a machine's own. Source: docs.k3s.io, Advanced. */
const sockets = ['/run/k3s/containerd/containerd.sock', '/run/containerd/containerd.sock'] as const

/** Exit code where no containerd listens: sysexits' EX_UNAVAILABLE, which ctr does not use. */
const noContainerd = 69

/** Where a machine has no ctr of its own, k3s is one. */
const script = `
for socket in ${sockets.join(' ')}; do
  [ -S "$socket" ] || continue
  ctr=ctr
  command -v ctr >/dev/null || ctr='k3s ctr'
  exec $ctr --address "$socket" --namespace ${kubeletNamespace} "$@"
done
echo 'no containerd listens here' >&2
exit ${noContainerd}
`

/** The command that runs containerd's `ctr` with these words on a machine, wherever its containerd listens. */
export function ctr(...words: readonly string[]): readonly [string, ...string[]] {
  return ['sh', '-c', script, 'ctr', ...words]
}

/**
 * The names of the images in a machine's content store, in full: `docker.io/library/busybox:latest`. What CRI keeps
 * beside them, by digests, is in it.
 * @throws {CommandError} where the machine or its containerd does not answer
 */
export async function imagesOnNode(node: Pick<ClusterNode, 'exec'>): Promise<string[]> {
  const { stdout } = await node.exec(ctr('images', 'ls', '-q'))
  return stdout.split('\n').filter((name) => name !== '')
}

/** Whether a machine's containerd answers. */
export async function hasContainerd(node: Pick<ClusterNode, 'exec'>): Promise<boolean> {
  return (await node.exec(ctr('version'), { reject: false })).exitCode === 0
}
