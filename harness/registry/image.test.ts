import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'

import fc from 'fast-check'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'

import { type Blob, imageReference, makeImage } from './image.ts'

const options = { repository: 'clusterproof/small', tag: 'v1', layers: [{ bytes: 100_000 }, { bytes: 7 }], seed: 'a' }

function read({ open }: Blob): Promise<Buffer> {
  return buffer(open())
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
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    })
    expect(digest).toBe(`sha256:${createHash('sha256').update(manifest.content).digest('hex')}`)
    expect(size).toBe(manifest.size + blobs.reduce((sum, blob) => sum + blob.size, 0))
  })

  it('keeps the digests that registries and journals have of it', async () => {
    const { blobs } = await makeImage(options)
    expect(blobs.slice(1).map(({ digest }) => digest)).toMatchInlineSnapshot(`
      [
        "sha256:af7095e4a7c0911ea92ad6b1e2aa74fc3c0c167f1998b93207895030b7140471",
        "sha256:a131e17618a8c9ac5d0c70adda0858e6a120d4610ffbe75d71b7498143328b6f",
      ]
    `)
  })

  it('has one file of incompressible bytes in each layer', async () => {
    const { blobs } = await makeImage(options)
    const archive = extract()
    archive.end(blobs[1] && (await read(blobs[1])))
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
