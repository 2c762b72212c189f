import { availableParallelism } from 'node:os'

import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { removeManifest, restoreManifest } from '../../harness/nodes/static-pods.ts'
import { complete, describeState, nodeDaemonSetState } from '../../harness/probes/node-daemonsets.ts'
import { labelledPods } from '../../harness/probes/pods.ts'
import { stream, type StreamHandle } from '../../harness/process.ts'
import type { ControlPlaneComponent } from '../../harness/remedies/restart-component.ts'
import { undo, when } from '../../harness/sabotage.ts'
import { deployAgent } from '../../harness/workloads/agent.ts'
import { namespace, serverReady } from '../../harness/workloads/server.ts'

export const firstWorker = (cluster: StartedCluster) => findNode(cluster, { role: 'worker' })
export const secondWorker = (cluster: StartedCluster) =>
  findNode(cluster, { role: 'worker', not: firstWorker(cluster) })

/** A kubelet that runs until the node is rebooted and never again. */
export function kubeletNeverReturns(pick: (cluster: StartedCluster) => ClusterNode): Sabotage {
  return async (cluster) => {
    const node = pick(cluster)
    await node.exec(['systemctl', 'disable', 'kubelet'])
    return undo(cluster, async () => {
      if (!(await node.running())) await node.start()
      await node.exec(['systemctl', 'enable', '--now', 'kubelet'])
    })
  }
}

/** A component that is kept from running from the start, with the DaemonSet pods in place. */
export function withoutComponent(component: ControlPlaneComponent): Sabotage {
  return async (cluster) => {
    const node = findNode(cluster, { role: 'control-plane' })
    await agentEverywhere(cluster)
    await removeManifest(node, component)
    return undo(cluster, () => restoreManifest(node, component))
  }
}

/** A component that does not come back once the journal has a record of that kind. */
export function componentLostWhen(kind: string, component: ControlPlaneComponent): Sabotage {
  return (cluster) => {
    const node = findNode(cluster, { role: 'control-plane' })
    const armed = when(
      cluster,
      (record) => record.kind === kind,
      () => removeManifest(node, component),
    )
    return Promise.resolve(
      undo(cluster, async () => {
        armed[Symbol.dispose]()
        await restoreManifest(node, component)
      }),
    )
  }
}

/** The agent's image is gone from the worker while its pod still runs, and no registry can be reached. */
export const agentImageGone: Sabotage = async (cluster) => {
  await agentEverywhere(cluster)
  const worker = firstWorker(cluster)
  const set = await cluster.api.get<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(agentPath)
  const image = set.spec.template.spec.containers[0]?.image ?? ''
  await worker.exec([...ctr, 'tag', image, savedImage])
  await worker.exec([...ctr, 'remove', '--sync', image])
  return undo(cluster, async () => {
    await worker.exec([...ctr, 'tag', savedImage, image])
    await worker.exec([...ctr, 'remove', savedImage])
  })
}

const ctr = ['ctr', '--namespace', 'k8s.io', 'images'] as const
const savedImage = 'clusterproof.invalid/saved:1'
const agentPath = `/apis/apps/v1/namespaces/${namespace}/daemonsets/agent`

/** The template that the remedy changes asks for an image that nobody has. */
export const templateWithoutImage: Sabotage = async (cluster) => {
  await agentEverywhere(cluster)
  const containers = [{ name: 'server', image: 'clusterproof.invalid/none:1', imagePullPolicy: 'Never' }]
  const armed = when(
    cluster,
    ({ kind }) => kind === 'changing-pod-templates',
    () => cluster.api.strategicPatch(agentPath, { spec: { template: { spec: { containers } } } }),
  )
  return undo(cluster, async () => {
    armed[Symbol.dispose]()
    await cluster.api.delete(agentPath)
    await agentEverywhere(cluster)
  })
}

/** A pod that ends in failure once the fault has struck, and that nobody owns. */
export const failedPodLeft: Sabotage = async (cluster) => {
  await agentEverywhere(cluster)
  const pods = await labelledPods(cluster, namespace, 'app=agent')
  const image = pods[0]?.spec?.containers[0]?.image
  const path = `/api/v1/namespaces/${namespace}/pods`
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'fault' && kind === 'struck',
    () =>
      cluster.api.create(path, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'failed', namespace },
        spec: { restartPolicy: 'Never', containers: [{ name: 'fails', image, args: ['-conf', '/nowhere'] }] },
      }),
  )
  return undo(cluster, async () => {
    armed[Symbol.dispose]()
    await cluster.api.delete(`${path}/failed`)
  })
}

/** As many busy processes as it takes for every deadline to be the host's fault; they end by themselves after that. */
const busyPerProcessor = 20
const busySeconds = '120'

/** Takes the processors away from when the fault strikes until the first deadline is missed. */
export const slowHost: Sabotage = (cluster) => {
  const busy: StreamHandle[] = []
  const end = () => {
    for (const process of busy) process.kill()
    return Promise.allSettled(busy.map(({ done }) => done))
  }
  const missed = when(cluster, ({ source, kind }) => source === 'expectation' && kind === 'missed', end)
  const armed = when(
    cluster,
    ({ source, kind }) => source === 'fault' && kind === 'struck',
    () => {
      const script = ['-c', 'while :; do :; done']
      for (let count = 0; count < availableParallelism() * busyPerProcessor; count += 1) {
        busy.push(stream('timeout', [busySeconds, 'sh', ...script], { onLine: () => undefined }))
      }
      return Promise.resolve()
    },
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      missed[Symbol.dispose]()
      await end()
    }),
  )
}

/** The agent's pods run on every node before the sabotage, so that the scenario finds them. */
async function agentEverywhere(cluster: StartedCluster): Promise<void> {
  await deployAgent(cluster)
  for (const node of cluster.nodes) {
    await eventually(waitContext(cluster), `the agent runs on ${node.name}`, {
      probe: () => nodeDaemonSetState(cluster, node),
      until: complete,
      within: serverReady,
      describe: describeState,
    })
  }
}
