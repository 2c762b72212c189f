import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'

import type { RuntimeMessage } from 'allure-js-commons/sdk'
import { pack } from 'tar-stream'

import { attachmentLimit } from './limits.ts'

/** Bytes of a diagnostics bundle, unpacked, beyond which it is not even packed to see how large it then is. */
const bundleLimit = 20 * attachmentLimit

export interface TextAttachment {
  readonly name: string
  readonly text: string
  readonly contentType: string
  readonly fileExtension: string
}

export function textAttachment({ name, text, contentType, fileExtension }: TextAttachment): RuntimeMessage {
  if (Buffer.byteLength(text) > attachmentLimit) return leftOut(name, `it has ${megabytes(Buffer.byteLength(text))}`)
  return { type: 'attachment_content', data: { name, content: text, encoding: 'utf8', contentType, fileExtension } }
}

/** Stands where an attachment would, and says why it is not there. */
export function leftOut(name: string, why: string): RuntimeMessage {
  const content = `Not part of the report: ${why}.\n`
  return {
    type: 'attachment_content',
    data: { name: `${name} (left out)`, content, encoding: 'utf8', contentType: 'text/plain', fileExtension: 'txt' },
  }
}

/**
 * The diagnostics bundle of a verdict as one packed file. What of it cannot be read is left out and named in the archive.
 * @param bundle its path in the output directory
 */
export async function bundleAttachment(out: string, bundle: string): Promise<RuntimeMessage> {
  const name = 'diagnostics bundle'
  const directory = path.join(out, bundle)
  try {
    const names = await filesIn(directory)
    const sizes = await Promise.all(names.map((file) => sizeOf(path.join(directory, file))))
    const size = sizes.reduce((sum, each) => sum + each, 0)
    if (size > bundleLimit) return leftOut(name, `it has ${megabytes(size)}; it is ${bundle} in the output directory`)
    const { packed, unread } = await packFiles(directory, names)
    if (packed.length > attachmentLimit) {
      return leftOut(name, `packed it has ${megabytes(packed.length)}; it is ${bundle} in the output directory`)
    }
    return {
      type: 'attachment_content',
      data: {
        name: unread === 0 ? name : `${name} (${unread} of ${names.length} files left out)`,
        content: packed.toString('base64'),
        encoding: 'base64',
        contentType: 'application/gzip',
        fileExtension: 'tar.gz',
      },
    }
  } catch (error) {
    return leftOut(name, `${bundle} in the output directory cannot be read (${String(error)})`)
  }
}

/** The files below a directory by their paths in it, with slashes. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return files.map((file) => path.relative(directory, file).split(path.sep).join('/')).toSorted()
}

/** In bytes; 0 of a file that is gone. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    return 0
  }
}

/**
 * Packs files into a folder of the directory's name. The same files make the same bytes: no times, no owners. Each is read
 * whole before anything of it is packed: one that fails, or ends early, in the middle of its entry would break the archive.
 */
export async function packFiles(
  directory: string,
  names: readonly string[],
): Promise<{ readonly packed: Buffer; readonly unread: number }> {
  const archive = pack()
  const packed = buffer(archive.pipe(createGzip()))
  const add = (name: string, content: Buffer | string) =>
    archive.entry({ name: `${path.basename(directory)}/${name}`, mtime: new Date(0) }, content)
  const unread: string[] = []
  for (const name of names) {
    try {
      add(name, await readFile(path.join(directory, name)))
    } catch (error) {
      unread.push(`${name}: ${reasonOf(error)}\n`)
    }
  }
  if (unread.length > 0) add('left-out.txt', unread.join(''))
  archive.finalize()
  return { packed: await packed, unread: unread.length }
}

/** `ENOENT`: the message would have a path of this machine. */
function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MiB`
}
