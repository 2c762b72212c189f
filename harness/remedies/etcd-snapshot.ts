import type { EtcdLayout, StartedCluster } from '../cluster.ts'
import { MissingCapability } from '../faults/fault.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { etcdMembers } from '../probes/etcd.ts'
import { etcdNodes } from '../topology.ts'

/** A snapshot of etcd, and who its members were. */
export interface EtcdSnapshot {
  /** The file, in base64: it travels from machine to machine. */
  readonly content: string
  readonly bytes: number
  readonly members: readonly { readonly node: ClusterNode; readonly name: string; readonly peerUrl: string }[]
}

const file = '/var/lib/clusterproof/snapshot.db'
const limitMs = 60_000

/** Saves a snapshot with etcdctl on the machine of a member. */
export async function saveSnapshot(cluster: StartedCluster, via: ClusterNode): Promise<EtcdSnapshot> {
  const etcd = layout(cluster)
  await via.exec(['mkdir', '-p', '/var/lib/clusterproof'])
  await via.exec(
    [
      'etcdctl',
      '--endpoints=https://127.0.0.1:2379',
      `--cacert=${etcd.ca}`,
      `--cert=${etcd.certificate}`,
      `--key=${etcd.key}`,
      'snapshot',
      'save',
      file,
    ],
    { timeoutMs: limitMs },
  )
  const { stdout } = await via.exec(['base64', '--wrap=0', file], { timeoutMs: limitMs })
  const members = await etcdMembers(cluster, via, { linearizable: true })
  const nodes = etcdNodes(cluster.nodes)
  const content = stdout.trim()
  return {
    content,
    bytes: Buffer.byteLength(content, 'base64'),
    members: members.map(({ name, peerUrls: [peerUrl = ''] }) => {
      const node = nodes.find((candidate) => candidate.name === new URL(peerUrl).hostname)
      if (node === undefined) throw new Error(`no machine has the member ${name} at ${peerUrl}`)
      return { node, name, peerUrl }
    }),
  }
}

/**
 * Makes a new etcd cluster of the snapshot, on the same machines, as etcd's documentation on disaster recovery has it:
 * revisions are raised by far and the old ones marked as compacted, so that no watcher takes the past for the present.
 * The API servers must not run meanwhile.
 */
export async function restoreSnapshot(cluster: StartedCluster, { content, members }: EtcdSnapshot): Promise<void> {
  const { dataDirectory } = layout(cluster)
  const initialCluster = members.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join(',')
  await Promise.all(
    members.map(async ({ node, name, peerUrl }) => {
      const receive = 'mkdir -p "$(dirname "$0")" && base64 -d >"$0"'
      await node.exec(['sh', '-c', receive, file], { input: content, timeoutMs: limitMs })
      await node.exec(
        [
          'etcdutl',
          'snapshot',
          'restore',
          file,
          `--name=${name}`,
          `--initial-cluster=${initialCluster}`,
          `--initial-cluster-token=restored-${cluster.name}`,
          `--initial-advertise-peer-urls=${peerUrl}`,
          `--data-dir=${dataDirectory}`,
          '--bump-revision=1000000000',
          '--mark-compacted',
        ],
        { timeoutMs: limitMs },
      )
    }),
  )
  await Promise.all(members.map(({ node }) => node.exec(['systemctl', 'start', '--no-block', 'etcd'])))
  cluster.journal.append('cluster', 'restored', `etcd/${cluster.name}`, { members: members.map(({ name }) => name) })
}

function layout({ etcd }: StartedCluster): EtcdLayout {
  if (etcd === null || etcd.unit === null) throw new MissingCapability('etcd is no unit whose data can be replaced')
  return etcd
}
