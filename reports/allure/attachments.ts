import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
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

/** The diagnostics bundle of a verdict as one packed file. @param bundle its path in the output directory */
export async function bundleAttachment(out: string, bundle: string): Promise<RuntimeMessage> {
  const name = 'diagnostics bundle'
  try {
    const files = await filesIn(path.join(out, bundle))
    const size = files.reduce((sum, file) => sum + file.size, 0)
    if (size > bundleLimit) return leftOut(name, `it has ${megabytes(size)}; it is ${bundle} in the output directory`)
    const packed = await packFiles(files, path.posix.basename(bundle))
    if (packed.length > attachmentLimit) {
      return leftOut(name, `packed it has ${megabytes(packed.length)}; it is ${bundle} in the output directory`)
    }
    const content = packed.toString('base64')
    return {
      type: 'attachment_content',
      data: { name, content, encoding: 'base64', contentType: 'application/gzip', fileExtension: 'tar.gz' },
    }
  } catch (error) {
    return leftOut(name, `${bundle} in the output directory cannot be read (${String(error)})`)
  }
}

interface BundleFile {
  readonly file: string
  /** Its path in the bundle, with slashes. */
  readonly name: string
  readonly size: number
}

async function filesIn(directory: string): Promise<BundleFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  return Promise.all(
    files.toSorted().map(async (file) => {
      const name = path.relative(directory, file).split(path.sep).join('/')
      return { file, name, size: (await stat(file)).size }
    }),
  )
}

/** The same files make the same bytes: no times, no owners. */
async function packFiles(files: readonly BundleFile[], folder: string): Promise<Buffer> {
  const archive = pack()
  const packed = buffer(archive.pipe(createGzip()))
  for (const { file, name, size } of files) {
    const header = { name: `${folder}/${name}`, size, mtime: new Date(0) }
    if (size === 0) archive.entry(header, '')
    // A log that has grown since would not fit its own header.
    else await pipeline(createReadStream(file, { end: size - 1 }), archive.entry(header))
  }
  archive.finalize()
  return packed
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MiB`
}
