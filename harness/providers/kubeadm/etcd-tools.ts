import type { ClusterNode } from '../../nodes/node.ts'

/**
 * kind's own node image has etcd as a container image only. A container engine runs for a moment to take the programs
 * out of it; nothing of it is left.
 */
const takeFromImage = `
set -eu
for tool in etcd etcdctl etcdutl; do command -v "$tool" >/dev/null || missing=yes; done
[ -n "\${missing:-}" ] || exit 0
containerd >/dev/null 2>&1 &
engine=$!
ctr() { command ctr --namespace k8s.io "$@"; }
until ctr version >/dev/null 2>&1; do kill -0 "$engine"; sleep 0.1; done
image=$(ctr images list --quiet | grep '/etcd:' | head -n 1)
mkdir -p /run/etcd-image
ctr images mount "$image" /run/etcd-image >/dev/null
for tool in etcd etcdctl etcdutl; do
  [ ! -e "/run/etcd-image/usr/local/bin/$tool" ] || cp "/run/etcd-image/usr/local/bin/$tool" /usr/local/bin/
done
ctr images unmount --rm /run/etcd-image >/dev/null
kill "$engine"
wait "$engine" || true
command -v etcd etcdctl
`

/** Sees to it that the machine has etcd and its tools. @throws {CommandError} where its image holds none */
export async function provideEtcd(node: ClusterNode): Promise<void> {
  await node.exec(['sh', '-c', takeFromImage], { timeoutMs: 60_000 })
}
