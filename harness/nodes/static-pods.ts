import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually } from '../eventually.ts'
import { judgedContext } from '../faults/wait-context.ts'
import type { ControlPlaneComponent } from '../remedies/restart-component.ts'
import type { ClusterNode } from './node.ts'

const manifests = '/etc/kubernetes/manifests'

/** Keeps a static pod of the control plane from running: its manifest is moved away. */
export async function removeManifest(node: ClusterNode, component: ControlPlaneComponent): Promise<void> {
  await node.exec(['mv', `${manifests}/${component}.yaml`, '/etc/kubernetes/'])
}

/** The kubelet sees that a manifest is gone at once or at its next look, and the pod has time to end in order. */
const gone = budget(
  { name: 'fileCheckFrequency', ms: 20_000, source: 'KubeletConfiguration default' },
  { name: 'terminationGracePeriodSeconds', ms: 30_000, source: 'Kubernetes API default' },
)

/** Takes a static pod away and returns once none of its processes runs. */
export async function stopStaticPod(
  cluster: Pick<StartedCluster, 'journal' | 'host'>,
  node: ClusterNode,
  component: ControlPlaneComponent,
): Promise<void> {
  await removeManifest(node, component)
  await eventually(judgedContext(cluster), `${component} on ${node.name} has ended`, {
    probe: async () => (await node.exec(['pgrep', '--full', `^${component} `], { reject: false })).stdout.trim(),
    until: (processes) => processes === '',
    within: gone,
  })
}

/** Puts the manifest back; content where it was never moved. */
export async function restoreManifest(node: ClusterNode, component: ControlPlaneComponent): Promise<void> {
  await node.exec(['mv', `/etc/kubernetes/${component}.yaml`, `${manifests}/`], { reject: false })
}
