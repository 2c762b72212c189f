import { MissingCapability } from '../faults/fault.ts'
import { canonicalName, parseReference } from '../images/reference.ts'
import { type KubeApi, KubeApiError, type KubeList } from '../kube/api.ts'
import type { DaemonSet } from '../kube/types.ts'
import { hasContainerd } from '../nodes/containerd.ts'
import type { CommandNode } from '../nodes/command-node.ts'
import { NodeImages, type NodeImagesOptions } from '../nodes/node-images.ts'
import { isKubernetesNode } from '../topology.ts'

/** DaemonSets that enforce NetworkPolicy, by the names that their vendors give them. */
const enforcers = new Set(['antrea-agent', 'calico-node', 'canal', 'cilium', 'kube-router', 'rke2-canal'])

/**
 * What enforces NetworkPolicy in a cluster that somebody else made, as far as it shows: the name of a DaemonSet, or k3s,
 * which does it within its own process; null: nothing that is known. harness/probes/policy-enforcement.ts proves it.
 */
export async function policyEnforcer(api: KubeApi, distribution: { readonly name: string }): Promise<string | null> {
  if (distribution.name === 'k3s') return 'k3s'
  try {
    const { items } = await api.get<KubeList<DaemonSet>>('/apis/apps/v1/daemonsets')
    return items.map(({ metadata }) => metadata.name).find((name) => enforcers.has(name)) ?? null
  } catch (error) {
    if (error instanceof KubeApiError) return null
    throw error
  }
}

/**
 * Images for machines that somebody else made. They may pull by themselves: they are given an image only where all of
 * them that have a kubelet can be reached and run containerd.
 */
export function existingImages(options: NodeImagesOptions, nodes: readonly CommandNode[]): Pick<NodeImages, 'load'> {
  const kubelets = nodes.filter(isKubernetesNode)
  const images = new NodeImages(options)
  return {
    async load(image) {
      const reached = kubelets.every(({ accessible }) => accessible)
      if (reached && (await Promise.all(kubelets.map(hasContainerd))).every(Boolean)) {
        await Promise.all(kubelets.map((node) => images.admit(node)))
        return images.load(image)
      }
      if (image.pull !== undefined) return canonicalName(parseReference(image.pull))
      throw new MissingCapability(`nothing gives ${options.name} the image ${image.name}, and no registry has it`)
    },
  }
}
