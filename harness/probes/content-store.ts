import { canonicalName, parseReference } from '../images/reference.ts'
import { ctr } from '../nodes/containerd.ts'
import type { ClusterNode } from '../nodes/node.ts'

type Machine = Pick<ClusterNode, 'name' | 'exec'>

/** The digests of everything that a machine's content store holds: manifests, configurations, layers. */
export async function contentOf(node: Machine): Promise<ReadonlySet<string>> {
  const { stdout } = await node.exec(ctr('content', 'ls', '-q'))
  return new Set(stdout.split('\n').filter((line) => line !== ''))
}

/** Whether a machine has an image's name, or content of that digest. */
export async function imagePresent(node: Machine, what: string): Promise<boolean> {
  if (/^[a-z0-9]+:[a-f0-9]{32,}$/.test(what)) return (await contentOf(node)).has(what)
  return (await imageRecords(node)).has(canonicalName(parseReference(what)))
}

/** What of an image a machine's content store does not have: its manifest and its blobs, by digest. */
export async function missingContent(
  node: Machine,
  { digest, blobs }: { readonly digest: string; readonly blobs: readonly { readonly digest: string }[] },
): Promise<string[]> {
  const content = await contentOf(node)
  return [digest, ...blobs.map((blob) => blob.digest)].filter((wanted) => !content.has(wanted))
}

/**
 * Removes an image from a machine, with all of its names, and returns once its content has been collected. That it is
 * not there is no error.
 * @throws {Error} where its manifest is still there: something else holds it, such as a pull
 */
export async function removeImage(node: Machine, reference: string): Promise<void> {
  const digest = (await imageRecords(node)).get(canonicalName(parseReference(reference)))
  if (digest === undefined) return
  // Through CRI first, which otherwise goes on offering it to the kubelet. What it leaves is seen below.
  await node.exec(['crictl', 'rmi', reference], { reject: false })
  const names = [...(await imageRecords(node))].filter(([, target]) => target === digest).map(([name]) => name)
  if (names.length > 0) await node.exec(ctr('images', 'rm', '--sync', ...names))
  else await collectGarbage(node)
  if (!(await contentOf(node)).has(digest)) return
  throw new Error(`${node.name} still has ${digest} of ${reference}: something holds it (ctr -n k8s.io leases ls)`)
}

/** A lease that ends with --sync makes containerd collect garbage before it answers. */
async function collectGarbage(node: Machine): Promise<void> {
  const { stdout } = await node.exec(ctr('leases', 'create'))
  await node.exec(ctr('leases', 'delete', '--sync', stdout.trim()))
}

/** The digest that each of a machine's image names stands for. CRI's names by the configuration's digest are in it. */
async function imageRecords(node: Machine): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await node.exec(ctr('images', 'ls'))
  return parseImageRecords(stdout)
}

/** Names and digests in the table of `ctr images ls`. */
export function parseImageRecords(table: string): Map<string, string> {
  const rows = table.split('\n').map((line) => line.split(/\s+/))
  return new Map(rows.flatMap(([name = '', , digest = '']) => (digest.includes(':') ? [[name, digest] as const] : [])))
}
