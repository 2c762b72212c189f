import { readFileSync } from 'node:fs'
import path from 'node:path'

import { budget } from '../../budgets/budget.ts'
import { eventually } from '../../eventually.ts'
import { waitContext } from '../../faults/wait-context.ts'
import { k3sImage, k3sPauseImage } from '../../images/k3s-versions.ts'
import { MissingImage, provide } from '../../images/provide.ts'
import { imageNamed } from '../../images/request.ts'
import type { KubeApi } from '../../kube/api.ts'
import type { Served } from '../../kube/types.ts'
import { UnavailableCluster } from '../../no-cluster.ts'
import type { ClusterNode } from '../../nodes/node.ts'
import { run } from '../../process.ts'
import type { ClusterDefinition } from '../../topology.ts'
import { nodeImageReference } from '../assembly.ts'
import type { ProviderContext } from '../provider.ts'
import { k3sStarts } from './bring-up.ts'
import { containerdSocket } from './paths.ts'

/**
 * What k3s' machines are made of, by its name in the engine.
 * @throws {UnavailableCluster} where no way leads to the image
 */
export function machineImage(definition: ClusterDefinition, context: ProviderContext): Promise<string> {
  return hadHere(() => nodeImageReference(definition, context, k3sImage))
}

/**
 * What a distribution is made of is published and not built here: without it there is nothing to test.
 * @throws {UnavailableCluster} in place of `MissingImage`
 */
export async function hadHere<T>(get: () => Promise<T>): Promise<T> {
  try {
    return await get()
  } catch (cause) {
    if (!(cause instanceof MissingImage)) throw cause
    throw new UnavailableCluster(`this machine cannot have k3s: ${cause.message}`, { hint: cause.hint, cause })
  }
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

/** 100 MB come in seconds; a busy host may take minutes. */
const importLimitMs = 5 * 60_000

/** Where the images that machines cannot pull are kept while there is a cluster. */
export class ImageStore {
  readonly #file: string
  readonly #context: ProviderContext

  constructor(directory: string, context: ProviderContext) {
    this.#file = path.join(directory, 'images.tar')
    this.#context = context
  }

  /**
   * Gets what the cluster's pods are made of.
   * @throws {UnavailableCluster} where no way leads to one of the images
   */
  async fill(api: KubeApi): Promise<void> {
    const { run: settings, journal } = this.#context
    const wanted = await podImages(api, this.#context)
    const references: string[] = []
    for (const image of wanted) {
      const options = settings.offline ? { offline: true } : {}
      const { reference, from } = await hadHere(() => provide(imageNamed(image), options))
      journal.append('cluster', 'image', reference, { from })
      references.push(reference)
    }
    await run('docker', ['save', '--output', this.#file, ...references], { timeoutMs: importLimitMs })
  }

  /** Gives them to a machine, whose containerd may still be starting. */
  async give(node: ClusterNode): Promise<void> {
    const ctr = ['ctr', '--address', containerdSocket, '--namespace', 'k8s.io'] as const
    await eventually(waitContext(this.#context), `containerd of ${node.name} answers`, {
      probe: async () => (await node.exec([...ctr, 'version'], { reject: false })).exitCode,
      until: (exitCode) => exitCode === 0,
      within: k3sStarts,
    })
    await run('docker', ['exec', '--interactive', node.name, ...ctr, 'images', 'import', '-'], {
      input: readFileSync(this.#file),
      timeoutMs: importLimitMs,
    })
  }
}
