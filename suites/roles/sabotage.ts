import { findNodes, type StartedCluster } from '../../harness/cluster.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { JournalRecord } from '../../harness/journal.ts'
import type { KubeList, KubeObject } from '../../harness/kube/api.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { etcdNodes } from '../../harness/topology.ts'
import { namespace } from '../../harness/workloads/server.ts'

const struck = ({ source, kind }: JournalRecord) => source === 'fault' && kind === 'struck'

/** A container engine that somebody started on a machine of etcd alone. */
export const strayEngine: Sabotage = async (cluster) => {
  const [node] = etcdNodes(cluster.nodes)
  await node?.exec(['systemd-run', '--unit=stray-engine', '/usr/bin/containerd'])
  return undo(cluster, async () => node?.exec(['systemctl', 'stop', 'stray-engine']))
}

/** The kubelet of the last worker ends when the fault strikes. */
export const kubeletEndsToo: Sabotage = async (cluster) => {
  const node = findNodes(cluster, { role: 'worker' }).at(-1)
  const armed = when(cluster, struck, async () => node?.exec(['systemctl', 'stop', 'kubelet']))
  return undo(cluster, async () => {
    armed[Symbol.dispose]()
    await node?.exec(['systemctl', 'start', 'kubelet'])
  })
}

/** Somebody deletes a write that was acknowledged. */
export const writeDeleted: Sabotage = async (cluster) => {
  const { api } = cluster
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const armed = when(cluster, struck, async () => {
    const { items } = await api.get<KubeList<KubeObject>>(`${path}?labelSelector=writer`)
    await api.delete(`${path}/${items.at(-1)?.metadata.name ?? ''}`)
  })
  return undo(cluster, () => Promise.resolve(armed[Symbol.dispose]()))
}

/** Members that have lost their settings: they run on, and do not start again. */
export function settingsLost(pick: (nodes: readonly ClusterNode[]) => readonly ClusterNode[]): Sabotage {
  return async (cluster) => {
    const nodes = pick(etcdNodes(cluster.nodes))
    await Promise.all(nodes.map((node) => node.exec(['mv', '/etc/etcd.env', '/etc/etcd.env.lost'])))
    return undo(cluster, () => membersStart(cluster, nodes))
  }
}

async function membersStart(_: StartedCluster, nodes: readonly ClusterNode[]): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      await node.exec(['mv', '/etc/etcd.env.lost', '/etc/etcd.env'])
      await node.exec(['systemctl', 'start', '--no-block', 'etcd'])
    }),
  )
}

/** Members stop as soon as the journal has a record like that. */
export function membersStopWhen(
  matches: (record: JournalRecord) => boolean,
  pick: (nodes: readonly ClusterNode[]) => readonly ClusterNode[],
): Sabotage {
  return (cluster) => {
    let stopped: readonly ClusterNode[] = []
    const armed = when(cluster, matches, async () => {
      stopped = pick(etcdNodes(cluster.nodes))
      await Promise.all(stopped.map((node) => node.exec(['systemctl', 'stop', 'etcd'])))
    })
    return Promise.resolve(
      undo(cluster, async () => {
        armed[Symbol.dispose]()
        const there = stopped.filter((node) => cluster.nodes.includes(node))
        await Promise.all(there.map((node) => node.exec(['systemctl', 'start', '--no-block', 'etcd'])))
      }),
    )
  }
}

/** A member starts again under a name that is not its machine's. */
export const memberRenamed: Sabotage = async (cluster) => {
  const [node] = etcdNodes(cluster.nodes)
  const restartAs = async (name: string) => {
    await node?.exec(['sed', '-i', `s/--name=[^ ]*/--name=${name}/`, '/etc/systemd/system/etcd.service'])
    await node?.exec(['systemctl', 'daemon-reload'])
    await node?.exec(['systemctl', 'restart', 'etcd'])
  }
  await restartAs('made-up')
  return undo(cluster, () => restartAs(node?.name ?? ''))
}
