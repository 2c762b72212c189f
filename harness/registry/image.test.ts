import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'

import { type Blob, imageReference, makeImage } from './image.ts'

const options = { repository: 'clusterproof/small', tag: 'v1', layers: [{ bytes: 100_000 }, { bytes: 7 }], seed: 'a' }

function read({ open }: Blob): Promise<Buffer> {
  return buffer(open())
}

/** What a layer's archive is called once it is unpacked. */
async function unpackedDigest(layer: Blob): Promise<string> {
  return `sha256:${createHash('sha256')
    .update(gunzipSync(await read(layer)))
    .digest('hex')}`
}

function json(content: Buffer): unknown {
  return JSON.parse(content.toString())
}

const sizes = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 200_000 }) }), { minLength: 1, maxLength: 3 })

describe('makeImage', () => {
  it('is the same for the same input, and another for another seed', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.string(), fc.string(), async (layers, seed, otherSeed) => {
        const [one, again, other] = await Promise.all(
          [seed, seed, otherSeed].map((each) => makeImage({ ...options, layers, seed: each })),
        )
        expect(again?.digest).toBe(one?.digest)
        const isSame = seed === otherSeed || layers.every(({ bytes }) => bytes === 0)
        if (isSame) return
        expect(other?.digest).not.toBe(one?.digest)
      }),
      { numRuns: 25 },
    )
  })

  it('has the digests and sizes of what is read, as often as it is read', async () => {
    const { blobs } = await makeImage(options)
    for (const blob of [...blobs, ...blobs]) {
      const content = await read(blob)
      expect(content).toHaveLength(blob.size)
      expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(blob.digest)
    }
  })

  it('names its parts as OCI has it', async () => {
    const { manifest, blobs, digest, size } = await makeImage(options)
    const [config, ...layers] = blobs
    const named = layers.map(({ mediaType, digest: layer, size: bytes }) => ({ mediaType, digest: layer, size: bytes }))
    expect(json(manifest.content)).toStrictEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: { mediaType: config?.mediaType, digest: config?.digest, size: config?.size },
      layers: named,
    })
    expect(config && json(await read(config))).toMatchObject({
      os: 'linux',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      rootfs: { type: 'layers', diff_ids: await Promise.all(layers.map(unpackedDigest)) },
    })
    expect(digest).toBe(`sha256:${createHash('sha256').update(manifest.content).digest('hex')}`)
    expect(size).toBe(manifest.size + blobs.reduce((sum, blob) => sum + blob.size, 0))
  })

  it('keeps the digests that registries and journals have of it', async () => {
    const { blobs } = await makeImage(options)
    expect(blobs.slice(1).map(({ digest }) => digest)).toMatchInlineSnapshot(`
      [
        "sha256:dcb6c9b2fa39893e39043751e75a79b2f14c5f0571a0691862b89236ebfe9ed1",
        "sha256:7b6e607d9b3eb6efe0a140ebb83237f0e26985a4364b1d66796d4666e36845f9",
      ]
    `)
  })

  it('has one file of incompressible bytes in each layer', async () => {
    const { blobs } = await makeImage(options)
    const archive = extract()
    archive.end(blobs[1] && gunzipSync(await read(blobs[1])))
    const files: { name: string; content: Buffer }[] = []
    for await (const entry of archive) {
      files.push({ name: entry.header.name, content: await buffer(entry) })
    }
    expect(files).toHaveLength(1)
    expect(files[0]?.content).toHaveLength(100_000)
    expect(gzipSync(files[0]?.content ?? '').length).toBeGreaterThan(100_000)
  })
})

describe('imageReference', () => {
  it('is by tag or by digest', () => {
    const image = { repository: 'a/b', tag: 'v1', digest: 'sha256:12' }
    expect(imageReference('upstream.test:5000', image)).toBe('upstream.test:5000/a/b:v1')
    expect(imageReference('upstream.test:5000', image, 'digest')).toBe('upstream.test:5000/a/b@sha256:12')
  })
})
