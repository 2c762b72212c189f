import { applyKubeRouter, kubeRouterImage, type KubeRouterOptions } from '../add-ons/kube-router.ts'
import type { KubeApi } from '../kube/api.ts'
import { hadHere } from '../no-cluster.ts'
import type { NodeImages } from '../nodes/node-images.ts'
import type { ClusterDefinition } from '../topology.ts'

/** What makes a cluster enforce NetworkPolicy; its image is packed, for every machine that is admitted. */
export interface PolicyAddOn {
  /** Applies it. @param apiServer where machines reach the API, by a name in its certificate */
  apply(api: KubeApi, apiServer: KubeRouterOptions['apiServer']): Promise<void>
}

/** What kind and kubeadm give Services their addresses from. */
const serviceRange = '10.96.0.0/16'

/**
 * The add-on that the definition asks for; null: none.
 * @throws {UnavailableCluster} where no way leads to its image: nothing has been started then
 */
export async function policyAddOn(
  { network }: Pick<ClusterDefinition, 'network'>,
  images: Pick<NodeImages, 'pack'>,
): Promise<PolicyAddOn | null> {
  if (network.policy === 'none') return null
  const image = await hadHere(`NetworkPolicy enforced by ${network.policy}`, () => images.pack(kubeRouterImage))
  return { apply: (api, apiServer) => applyKubeRouter(api, { image, apiServer, serviceRange }) }
}
