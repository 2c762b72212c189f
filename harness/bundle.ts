import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { StartedCluster } from './cluster.ts'
import type { ClusterNode } from './nodes/node.ts'
import { sectionsSoFar } from './probes/sections.ts'
import { withoutSecrets } from './secrets/leave-out.ts'

const objectPaths = {
  'nodes.json': '/api/v1/nodes',
  'pods.json': '/api/v1/pods',
  'events.json': '/api/v1/events',
  'daemonsets.json': '/apis/apps/v1/daemonsets',
  'deployments.json': '/apis/apps/v1/deployments',
  'controllerrevisions.json': '/apis/apps/v1/controllerrevisions',
  'leases.json': '/apis/coordination.k8s.io/v1/leases',
  'networkpolicies.json': '/apis/networking.k8s.io/v1/networkpolicies',
  'endpointslices.json': '/apis/discovery.k8s.io/v1/endpointslices',
  'rolebindings.json': '/apis/rbac.authorization.k8s.io/v1/rolebindings',
} as const

/**
 * A file of each section, all with one command on the machine: starting one costs more than most of what they ask. So much of
 * each log is kept: what happened around a scenario fits, and a bundle stays a few megabytes. Not /etc/kubernetes itself: it
 * holds keys.
 */
const nodeScript = String.raw`
exec 2>&1
section kubelet.log
journalctl --no-pager -u kubelet -n 3000
section containerd.log
journalctl --no-pager -u containerd -n 3000
section etcd.log
journalctl --no-pager -u etcd -n 3000
section kernel.log
dmesg
section units.txt
systemctl --no-pager list-units --all
section inhibitors.txt
systemd-inhibit --list --no-pager
section processes.txt
ps -eo pid,ppid,lstart,stat,args
section network.txt
ip address
section manifests.txt
ls -l /etc/kubernetes/manifests
section nftables.txt
nft list ruleset
section registries.txt
find /etc/containerd/certs.d -name hosts.toml -exec tail -v -n +1 {} +
section containers.log
find /var/log/pods -name '*.log' -exec tail -v -n 3000 {} +
`

/** A machine under a fault may be slow; what it has said by then is kept. In milliseconds. */
const nodeLimitMs = 120_000

/**
 * Writes what explains a verdict into a directory and returns its path: objects, events, and each node's logs.
 * What cannot be read is named in its file; a bundle never fails. Secrets and ConfigMaps are left out, and so are keys,
 * tokens and passwords in whatever else there is: pods have them in their environment, logs in their lines.
 */
export async function bundle(cluster: StartedCluster, scenario: string, out: string): Promise<string> {
  const name = scenario.replaceAll(/[^\w.-]+/g, '-')
  const directory = path.join(out, 'bundles', `${name}.${cluster.name}.${Math.round(cluster.journal.now())}`)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  await Promise.all([
    ...Object.entries(objectPaths).map(([file, url]) => save(path.join(directory, file), () => cluster.api.text(url))),
    ...cluster.nodes.map((node) => nodeFiles(node, path.join(directory, node.name))),
  ])
  return directory
}

async function nodeFiles(node: ClusterNode, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const { sections, problem } = await sectionsSoFar(node, nodeScript, { timeoutMs: nodeLimitMs })
  for (const [, file = ''] of nodeScript.matchAll(/^section (.*)$/gm)) {
    await save(path.join(directory, file), async () => {
      const text = sections.get(file)
      if (text === undefined) throw new Error(problem || 'the machine said nothing of it')
      return `${text}\n`
    })
  }
}

async function save(file: string, read: () => Promise<string>): Promise<void> {
  const text = await read().catch((error: unknown) => `could not be read: ${String(error)}\n`)
  writeFileSync(file, presentable(text))
}

function presentable(text: string): string {
  try {
    return withoutSecrets(text)
  } catch (error) {
    return `left out, because nobody can say what is in it: ${String(error)}\n`
  }
}
