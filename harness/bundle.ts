import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { StartedCluster } from './cluster.ts'
import type { ClusterNode } from './nodes/node.ts'
import { withoutSecrets } from './secrets/leave-out.ts'

/** How much of each log is kept: what happened around a scenario fits, and a bundle stays a few megabytes. */
const logLines = '3000'

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

const nodeCommands = {
  'kubelet.log': ['journalctl', '--no-pager', '-u', 'kubelet', '-n', logLines],
  'containerd.log': ['journalctl', '--no-pager', '-u', 'containerd', '-n', logLines],
  'etcd.log': ['journalctl', '--no-pager', '-u', 'etcd', '-n', logLines],
  'kernel.log': ['dmesg'],
  'units.txt': ['systemctl', '--no-pager', 'list-units', '--all'],
  'inhibitors.txt': ['systemd-inhibit', '--list', '--no-pager'],
  'processes.txt': ['ps', '-eo', 'pid,ppid,lstart,stat,args'],
  'network.txt': ['ip', 'address'],
  // Not /etc/kubernetes itself: it holds keys.
  'manifests.txt': ['ls', '-l', '/etc/kubernetes/manifests'],
  'nftables.txt': ['nft', 'list', 'ruleset'],
  'registries.txt': [
    'find',
    '/etc/containerd/certs.d',
    '-name',
    'hosts.toml',
    '-exec',
    'tail',
    '-v',
    '-n',
    '+1',
    '{}',
    '+',
  ],
  'containers.log': ['find', '/var/log/pods', '-name', '*.log', '-exec', 'tail', '-v', '-n', logLines, '{}', '+'],
} as const satisfies Record<string, readonly [string, ...string[]]>

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
  for (const [file, command] of Object.entries(nodeCommands)) {
    await save(path.join(directory, file), async () => {
      const { stdout, stderr } = await node.exec(command, { reject: false })
      return stderr === '' ? stdout : `${stdout}\n--- standard error\n${stderr}`
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
