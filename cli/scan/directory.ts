import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'

import { messageOf } from '../../harness/error-message.ts'
import { type Leak, leaksIn } from './file.ts'
import { closedFormat, firstBytes } from './packed.ts'

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
      const closed = entry.isFile() ? closedFormat(await firstBytes(file)) : 'no file of its own'
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
