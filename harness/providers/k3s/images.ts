import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import { k3sImage, k3sPauseImage } from '../../images/k3s-versions.ts'
import { imageNamed } from '../../images/request.ts'
import type { KubeApi } from '../../kube/api.ts'
import type { Served } from '../../kube/types.ts'
import { hadHere } from '../../no-cluster.ts'
import { hasContainerd } from '../../nodes/containerd.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import type { NodeImages } from '../../nodes/node-images.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { nodeImageReference } from '../assembly.ts'
import type { ProviderContext } from '../provider.ts'
import { k3sStarts } from './bring-up.ts'

/**
 * What k3s' machines are made of, by its name in the engine.
 * @throws {UnavailableCluster} where no way leads to the image
 */
export function machineImage(definition: ClusterDefinition, context: ProviderContext): Promise<string> {
  return hadHere('k3s', () => nodeImageReference(definition, context, k3sImage))
}

const deployed = budget({
  name: 'CheckDeployments',
  ms: 120_000,
  source: 'k3s-io/k3s tests/docker/etcd: 120 s until the packaged components run',
})

/** The images that pods of the cluster are made of, and that no machine brings with it: k3s pulls them. */
async function podImages(api: KubeApi, context: Pick<ProviderContext, 'journal'>): Promise<string[]> {
  const url = '/apis/apps/v1/namespaces/kube-system/deployments/coredns'
  const coredns = await eventually(waitContext(context), 'k3s has deployed CoreDNS', {
    probe: () => api.get<Served<{ spec: { template: { spec: { containers: { image: string }[] } } } }>>(url),
    until: () => true,
    within: deployed,
    describe: () => 'it has',
  })
  return [k3sPauseImage, ...coredns.spec.template.spec.containers.map(({ image }) => image)]
}

/**
 * Packs what machines with closed egress cannot pull, so that each that is admitted is given it.
 * @throws {UnavailableCluster} where no way leads to one of the images
 */
export async function packPodImages(
  images: NodeImages,
  api: KubeApi,
  context: Pick<ProviderContext, 'journal'>,
): Promise<void> {
  for (const image of await podImages(api, context)) await hadHere('k3s', () => images.pack(imageNamed(image)))
}

/** Gives a machine all images so far, once its containerd answers: it starts with k3s. */
export async function admit(
  images: NodeImages,
  node: ClusterNode,
  context: Pick<ProviderContext, 'journal'>,
): Promise<void> {
  await eventually(waitContext(context), `containerd of ${node.name} answers`, {
    probe: () => hasContainerd(node),
    until: (answers) => answers,
    within: k3sStarts,
  })
  await images.admit(node)
}
