import { createCipheriv, createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

import { pack } from 'tar-stream'

/** What OCI calls a descriptor: names content by what it is. */
export interface Descriptor {
  readonly mediaType: string
  /** `sha256:…` */
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** Content that can be read as often as is wanted. */
export interface Blob extends Descriptor {
  open(): AsyncIterable<Uint8Array>
}

export interface ImageOptions {
  /** Its name in a registry, without host and tag: `clusterproof/one-mebibyte`. */
  readonly repository: string
  readonly tag: string
  /** Bytes of the one file in each layer; the layer itself is larger by a thousandth and 2 KiB at most. */
  readonly layers: readonly { readonly bytes: number }[]
  /**
   * What the files' bytes are derived from. Images of one seed have the layers in common that are equally large: one
   * that a machine is to pull anew needs a seed of its own.
   */
  readonly seed: string
}

/** An OCI image that was made here. Nothing of its layers is kept: they are made again whenever they are read. */
export interface MadeImage {
  readonly repository: string
  readonly tag: string
  /** The digest of its manifest, by which it can be pulled. */
  readonly digest: string
  readonly manifest: Descriptor & { readonly content: Buffer }
  /** Its configuration and its layers, in this order: everything that the manifest refers to. */
  readonly blobs: readonly Blob[]
  /** Bytes of manifest and blobs: what a first pull transfers. */
  readonly size: number
}

const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

/**
 * Makes an image of incompressible files that no program is in: it can be pulled and not run. Its digests depend on
 * the seed, the sizes of its layers and the machine's architecture alone, so that they are the same in every run.
 * Hashing 100 MiB takes less than a second, and no memory to speak of.
 */
export async function makeImage({ repository, tag, layers, seed }: ImageOptions): Promise<MadeImage> {
  const made: Layer[] = []
  for (const [index, { bytes }] of layers.entries()) made.push(await makeLayer(`${seed}/${index}`, bytes))
  const layerBlobs = made.map(({ blob }) => blob)
  const config = jsonBlob(mediaTypes.config, {
    // A fixed moment: the time of making would change the digest.
    created: '1970-01-01T00:00:00Z',
    architecture: goArchitecture(),
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: made.map(({ diffId }) => diffId) },
    history: made.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'clusterproof' })),
  })
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(config),
    layers: layerBlobs.map(descriptor),
  })
  const blobs = [config, ...layerBlobs]
  const size = blobs.reduce((sum, blob) => sum + blob.size, manifest.size)
  return { repository, tag, digest: manifest.digest, manifest, blobs, size }
}

/** `upstream.test/clusterproof/large:v1`, or with its digest in place of the tag. */
export function imageReference(
  host: string,
  { repository, tag, digest }: Pick<MadeImage, 'repository' | 'tag' | 'digest'>,
  by: 'tag' | 'digest' = 'tag',
): string {
  return `${host}/${repository}${by === 'tag' ? `:${tag}` : `@${digest}`}`
}

function descriptor({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size }
}

function jsonBlob(mediaType: string, value: object): Blob & { readonly content: Buffer } {
  const content = Buffer.from(JSON.stringify(value))
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
  return { mediaType, digest, size: content.length, content, open: () => Readable.from([content]) }
}

/** A layer, and the digest of its archive as it is once unpacked. */
interface Layer {
  readonly blob: Blob
  readonly diffId: string
}

async function makeLayer(seed: string, bytes: number): Promise<Layer> {
  const open = () => gzipped(layerArchive(seed, bytes))
  const [packed, unpacked] = await Promise.all([measured(open()), measured(layerArchive(seed, bytes))])
  return { blob: { mediaType: mediaTypes.layer, ...packed, open }, diffId: unpacked.digest }
}

async function measured(content: AsyncIterable<Uint8Array>): Promise<Pick<Descriptor, 'digest' | 'size'>> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of content) {
    hash.update(chunk)
    size += chunk.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

/**
 * As gzip without compression, which would gain nothing and take long. Layers of every published image are gzip or zstd,
 * and mirrors tell by its first bytes that a blob is one (Spegel v0.7.4 does not serve a plain tar).
 */
function gzipped(content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const gzip = createGzip({ level: 0 })
  // What fails ends the stream with the error, which whoever reads it is told.
  pipeline(Readable.from(content), gzip).catch(() => undefined)
  return gzip
}

/** A tar with one file; what can vary in its header (owner, time, mode) is fixed. */
function layerArchive(seed: string, bytes: number): AsyncIterable<Uint8Array> {
  const archive = pack()
  const name = `${createHash('sha256').update(seed).digest('hex').slice(0, 12)}.bin`
  const file = archive.entry({ name, size: bytes, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0 })
  pipeline(Readable.from(randomChunks(seed, bytes)), file).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  // tar-stream's types do not say that it gives bytes.
  return archive as AsyncIterable<Uint8Array>
}

const chunkBytes = 64 * 1024

/** Incompressible bytes that a seed determines: AES-256 in counter mode over zeros, keyed by the seed's hash. */
function* randomChunks(seed: string, bytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const zeros = Buffer.alloc(chunkBytes)
  for (let left = bytes; left > 0; left -= chunkBytes)
    yield cipher.update(zeros.subarray(0, Math.min(left, chunkBytes)))
}

/** The name that Go, and so an image's configuration, has for this machine's processor. */
function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}
