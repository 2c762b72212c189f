import { describe, expect, it } from 'vitest'

import { FakeNode } from '../fake-cluster.ts'
import type { RunResult } from '../process.ts'
import { imagePresent, missingContent, parseImageRecords, removeImage } from './content-store.ts'

const digest = `sha256:${'a'.repeat(64)}`
const layer = `sha256:${'b'.repeat(64)}`
const other = `sha256:${'c'.repeat(64)}`
const reference = 'upstream.test:5000/a/b:v1'

/** The command without the script that finds containerd. */
function spoken(command: readonly string[]): string {
  return command.slice(Math.max(0, command.indexOf('ctr'))).join(' ')
}

/** A machine whose containerd has names and content, and whose CRI removes only the name that it is given. */
class ContainerdNode extends FakeNode {
  readonly images = new Map([
    [reference, digest],
    [`upstream.test:5000/a/b@${digest}`, digest],
    [layer, digest],
    ['docker.io/library/pause:3', other],
  ])
  /** Content goes with the last name of its image, unless something holds it. */
  held = false

  override async exec(command: readonly [string, ...string[]]): Promise<RunResult> {
    const words = spoken(command)
    const removed = /^(?:crictl rmi|ctr images rm --sync) (.*)$/.exec(words)?.[1]?.split(' ') ?? []
    for (const name of removed) this.images.delete(name)
    const left = this.held ? [digest, other] : [...this.images.values(), ...(this.has(digest) ? [layer] : [])]
    const rows = [...this.images].map(([name, target]) => `${name} application/json ${target} 1.0 MiB linux/amd64 - `)
    if (words === 'ctr images ls')
      return { ...(await super.exec(command)), stdout: ['REF TYPE DIGEST', ...rows].join('\n') }
    if (words === 'ctr content ls -q') return { ...(await super.exec(command)), stdout: `${left.join('\n')}\n` }
    return super.exec(command)
  }

  has(target: string): boolean {
    return [...this.images.values()].includes(target)
  }
}

function machine(): ContainerdNode {
  return new ContainerdNode('worker', ['worker'])
}

describe('imagePresent', () => {
  it('looks for a name, or for content where it is given a digest', async () => {
    const node = machine()
    const found = await Promise.all(
      [reference, 'pause:3', digest, 'a/b:v2', other.replaceAll('c', 'd')].map((what) => imagePresent(node, what)),
    )
    expect(found).toStrictEqual([true, true, true, false, false])
  })
})

describe('missingContent', () => {
  it('names what is not there', async () => {
    const blobs = [layer, `sha256:${'e'.repeat(64)}`].map((each) => ({ digest: each }))
    await expect(missingContent(machine(), { digest, blobs })).resolves.toStrictEqual([`sha256:${'e'.repeat(64)}`])
  })
})

describe('removeImage', () => {
  it('removes every name of the image, and no other image', async () => {
    const node = machine()
    await removeImage(node, reference)
    expect([...node.images.keys()]).toStrictEqual(['docker.io/library/pause:3'])
    await expect(imagePresent(node, digest)).resolves.toBe(false)
  })

  it('does nothing where the image is not there', async () => {
    const node = machine()
    await removeImage(node, 'upstream.test:5000/a/b:v9')
    expect(node.done).toHaveLength(1)
  })

  it('says that something holds the content', async () => {
    const node = Object.assign(machine(), { held: true })
    await expect(removeImage(node, reference)).rejects.toThrow(`worker still has ${digest} of ${reference}`)
  })
})

describe('parseImageRecords', () => {
  it('reads the table of ctr, the heading left out', () => {
    const table = `REF   TYPE  DIGEST   SIZE      PLATFORMS   LABELS\n${reference}   application/vnd.oci.image.manifest.v1+json ${digest} 1.0 MiB linux/amd64 - \n`
    expect(parseImageRecords(table)).toStrictEqual(new Map([[reference, digest]]))
  })
})
