import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { scenario } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { transfer } from '../../harness/probes/transfer.ts'
import type { MadeImage } from '../../harness/registry/image.ts'
import { servedBytes } from '../../harness/registry/registry.ts'
import {
  finds,
  kubernetesNodes,
  type Mirroring,
  newImage,
  obtains,
  pulls,
  spegel,
  withMirror,
  workers,
} from './mirroring.ts'

/**
 * What a mirror is for: n machines that pull the same image ask the upstream for it once. What it costs without one is
 * asked of the same upstream: the size of the image for each machine.
 */
scenario('mirror.upstream-bytes', { requires: ['containers', 'node-access'] }, (context) =>
  withMirror(context, spegel('v0.7.4'), async (mirroring) => {
    const { cluster, upstream } = mirroring
    const { measure, verify } = context
    const nodes = kubernetesNodes(cluster)
    const [first, second] = workers(cluster)
    const image = await newImage(mirroring, 'large', 64)
    const since = cluster.journal.now()
    await obtains(mirroring, first, image)
    for (const node of nodes.filter((other) => other !== first)) {
      await finds(mirroring, node, image, { since: cluster.journal.now() })
      await pulls(mirroring, node, image, 'mirror')
    }
    const asked = servedBytes(await upstream.requests({ since, repository: image.repository }))
    measure(`bytes asked of the upstream for ${nodes.length} machines with the mirror`, asked, 'bytes')
    verify('the upstream sends the image once', asked < image.size * 1.5, () =>
      diagnosis(
        'mirror.upstream-asked',
        `${asked} bytes were asked of the upstream for ${nodes.length} machines; the image has ${image.size}`,
      ),
    )
    const without = await withoutMirror(mirroring, nodes, image)
    measure(`bytes asked of the upstream for ${nodes.length} machines without it`, without, 'bytes')
    await speeds(mirroring, second, image)
  }),
)

/** Every machine fetches every blob from the upstream itself, as its container runtime would without a mirror. */
async function withoutMirror(
  { cluster, upstream }: Mirroring,
  nodes: readonly ClusterNode[],
  image: MadeImage,
): Promise<number> {
  const since = cluster.journal.now()
  for (const node of nodes)
    for (const { digest } of image.blobs) await transfer(node, blobUrl(`http://${upstream.host}`, image, digest))
  return servedBytes(await upstream.requests({ since, repository: image.repository }))
}

/** Time to the first byte and bytes a second of the largest layer, from the mirror and from the upstream. */
async function speeds({ context, mirror, upstream }: Mirroring, node: ClusterNode, image: MadeImage): Promise<void> {
  const largest = image.blobs.toSorted((a, b) => b.size - a.size)[0]
  if (largest === undefined || mirror.endpoint === null) return
  const from = {
    mirror: `${blobUrl(await mirror.endpoint(node), image, largest.digest)}?ns=${encodeURIComponent(upstream.host)}`,
    upstream: blobUrl(`http://${upstream.host}`, image, largest.digest),
  }
  for (const [source, url] of Object.entries(from)) {
    const { status, firstByteMs, bytesPerSecond } = await transfer(node, url)
    // The speed of an error page is no figure.
    if (status !== 200 || firstByteMs === null) continue
    context.measure(`first byte from the ${source} after`, firstByteMs, 'ms')
    context.measure(`speed from the ${source}`, bytesPerSecond / 1e6, 'MB/s')
  }
}

function blobUrl(base: string, { repository }: MadeImage, digest: string): string {
  return `${base}/v2/${repository}/blobs/${digest}`
}
