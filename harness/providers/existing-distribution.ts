import type { Distribution } from '../cluster.ts'
import type { Node } from '../kube/types.ts'

/**
 * The distribution that the Nodes show: k3s and RKE2 have themselves in the kubelet's version, Talos in the name of its
 * operating system. Any other one is `existing`, in the version of its Kubernetes.
 */
export function distributionOf(nodes: readonly Node[], gitVersion: string): Pick<Distribution, 'name' | 'version'> {
  for (const { status } of nodes) {
    const { kubeletVersion = '', osImage = '' } = status?.nodeInfo ?? {}
    const suffix = /\+(k3s|rke2)/.exec(kubeletVersion)?.[1]
    if (suffix !== undefined) return { name: suffix, version: kubeletVersion }
    const talos = /^Talos \((v[^)]+)\)/.exec(osImage)?.[1]
    if (talos !== undefined) return { name: 'talos', version: talos }
  }
  return { name: 'existing', version: gitVersion }
}
