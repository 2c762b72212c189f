import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'

import { messageOf } from '../../harness/error-message.ts'
import { type Leak, leaksIn } from './file.ts'

export interface DirectoryLeak extends Leak {
  readonly file: string
}

/** A file of which nobody can say that nothing secret is in it, and why. */
export interface Unread {
  readonly file: string
  readonly why: string
}

export interface ScanResult {
  readonly files: number
  readonly bytes: number
  /** The first of each file, and how many there are. */
  readonly leaks: readonly DirectoryLeak[]
  readonly found: number
  readonly unread: readonly Unread[]
}

/** Secrets of one file beyond which they are counted and no longer told: they come from one place. */
const toldOfEach = 10

/** Looks through every file below a directory. @throws what the file system says where it is none */
export async function scanDirectory(directory: string): Promise<ScanResult> {
  const leaks: DirectoryLeak[] = []
  const unread: Unread[] = []
  let [files, bytes, found] = [0, 0, 0]
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const entry of entries.toSorted((left, right) => (pathOf(left) < pathOf(right) ? -1 : 1))) {
    if (entry.isDirectory()) continue
    const file = pathOf(entry)
    try {
      const closed = entry.isFile() ? await closedFormat(file) : 'no file of its own'
      if (closed !== null) {
        unread.push({ file, why: `it is ${closed}` })
        continue
      }
      files += 1
      bytes += (await stat(file)).size
      let told = 0
      for await (const leak of leaksIn(file)) {
        found += 1
        told += 1
        if (told <= toldOfEach) leaks.push({ file, ...leak })
      }
    } catch (error) {
      unread.push({ file, why: messageOf(error) })
    }
  }
  return { files, bytes, leaks, found, unread }
}

function pathOf({ parentPath, name }: { readonly parentPath: string; readonly name: string }): string {
  return path.join(parentPath, name)
}

/** Packed formats that no run writes and that cannot be looked into, by their first bytes. */
const closedFormats = [
  ['a zip archive', Buffer.from('PK\u0003\u0004', 'latin1')],
  ['packed by zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['packed by xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['packed by bzip2', Buffer.from('BZh', 'latin1')],
] as const

async function closedFormat(file: string): Promise<string | null> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(6), 0, 6, 0)
    const begins = buffer.subarray(0, bytesRead)
    return closedFormats.find(([, magic]) => begins.subarray(0, magic.length).equals(magic))?.[0] ?? null
  } finally {
    await handle.close()
  }
}
