import { createReadStream, type Stats } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

import { extract } from 'tar-stream'
import { z } from 'zod'

import { UserError } from '../user-error.ts'
import { readCachedTags, writeCachedTags } from './archive-cache.ts'

/** An archive as `docker save` writes it, and the names of the images in it. */
export interface ImageArchive {
  readonly file: string
  readonly images: readonly string[]
}

/** An archive that cannot be read, and why. */
export interface DamagedArchive {
  readonly file: string
  readonly damage: string
}

/** The part of `manifest.json` that is read here; `RepoTags` is null for an image without a name. */
const manifestSchema = z.array(z.object({ RepoTags: z.array(z.string()).nullish() }))

/**
 * Reads the names of the images in each archive of a folder.
 * @param cache a folder in which the names are kept, by each archive's path, size and time of change
 */
export async function archivesIn(folder: string, cache: string): Promise<(ImageArchive | DamagedArchive)[]> {
  const names = (await readdir(folder)).filter((name) => /\.tar(\.gz)?$/.test(name)).toSorted()
  return Promise.all(names.map((name) => readArchive(path.join(folder, name), cache)))
}

async function readArchive(file: string, cache: string): Promise<ImageArchive | DamagedArchive> {
  try {
    const stats = await stat(file)
    const known = await readCachedTags(cache, keyOf(file, stats))
    if (known !== undefined) return { file, images: known }
    const images = await imagesIn(file)
    await writeCachedTags(cache, keyOf(file, stats), images)
    return { file, images }
  } catch (error) {
    return { file, damage: damageOf(error) }
  }
}

function keyOf(file: string, { size, mtimeMs }: Stats): string {
  return `${file} ${size} ${mtimeMs}`
}

/**
 * The names of the images in one archive, plain or gzipped. Reads no further than its `manifest.json`.
 * @throws {Error} whose message says what is wrong with the archive
 */
export async function imagesIn(file: string): Promise<string[]> {
  const enough = new AbortController()
  let manifest: string | undefined
  const archive = extract()
  archive.on('entry', (header, content, next) => {
    // The pipeline reports it; without a listener here it would end this process.
    content.on('error', () => {})
    if (header.name !== 'manifest.json') {
      content.on('end', next).resume()
      return
    }
    text(content).then((read) => {
      manifest = read
      enough.abort()
    }, next)
  })
  const unzip = (await isGzipped(file)) ? [createGunzip()] : []
  try {
    await pipeline([createReadStream(file), ...unzip, archive], { signal: enough.signal })
  } catch (error) {
    if (manifest === undefined) throw error
  }
  if (manifest === undefined) throw new Error('it has no manifest.json, so `docker save` did not make it')
  return manifestSchema.parse(JSON.parse(manifest)).flatMap(({ RepoTags }) => RepoTags ?? [])
}

async function isGzipped(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b
}

function damageOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'its manifest.json is not the one of `docker save`'
  if (error instanceof SyntaxError) return 'its manifest.json is not JSON'
  if (!(error instanceof Error)) return String(error)
  if (/unexpected end/i.test(error.message)) return 'it ends too early'
  if (/invalid tar header/i.test(error.message)) return 'it is not a tar archive'
  if ('code' in error && error.code === 'Z_DATA_ERROR') return `its compressed data is damaged: ${error.message}`
  return error.message
}

/** The error where only damaged archives are left that might hold an image: passing over them would hide the damage. */
export function damagedError(damaged: readonly DamagedArchive[], wanted: string): UserError {
  const list = damaged.map(({ file, damage }) => `${file}: ${damage}`).join('; ')
  return new UserError(`${wanted} may be in an image archive that is damaged: ${list}`, {
    hint: 'Copy the archive again from where it came or remove it; CLUSTERPROOF_IMAGES= uses no archives at all.',
  })
}
