import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { z } from 'zod'

const tagsSchema = z.array(z.string())

/** The names kept under a key, or `undefined` where none are kept or they cannot be read. */
export async function readCachedTags(cache: string, key: string): Promise<string[] | undefined> {
  try {
    return tagsSchema.parse(JSON.parse(await readFile(fileOf(cache, key), 'utf8')))
  } catch {
    return undefined
  }
}

/** Keeps the names under a key. A cache that cannot be written only costs time, so that is no error. */
export async function writeCachedTags(cache: string, key: string, tags: readonly string[]): Promise<void> {
  const file = fileOf(cache, key)
  const unfinished = `${file}.${process.pid}`
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(unfinished, JSON.stringify(tags))
    await rename(unfinished, file)
  } catch {
    // See above.
  }
}

function fileOf(cache: string, key: string): string {
  return path.join(cache, 'archives', `${createHash('sha256').update(key).digest('hex')}.json`)
}
