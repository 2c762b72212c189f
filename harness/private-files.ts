import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Run } from './run.ts'
import { UserError } from './user-error.ts'

/** Makes a directory, and those above it that are missing, that nobody but this user may look into. */
export function privateDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  // One that was there keeps the mode that it had.
  chmodSync(directory, 0o700)
  return directory
}

/** Writes a file that nobody but this user may read. */
export function writePrivate(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 })
  chmodSync(file, 0o600)
}

const elsewhere = 'CLUSTERPROOF_CACHE=DIR names the directory that working files are in.'

/** @throws {UserError} where a file with credentials lies in what the run leaves for others to read */
export function requireUnshown(file: string, { out }: Pick<Run, 'out'>, hint = elsewhere): void {
  if (isBelow(file, out))
    throw new UserError(`${file} holds credentials and lies in the output directory ${out}`, { exitCode: 2, hint })
}

/**
 * @throws {UserError} where others may read a file with credentials, or where it lies in what the run leaves for others
 * to read
 */
export function requirePrivate(file: string, run: Pick<Run, 'out' | 'workDirectory'>): void {
  const { workDirectory } = run
  const complain = (what: string, hint: string) => new UserError(`${file} holds credentials and ${what}`, { hint })
  requireUnshown(file, run)
  if (!isBelow(file, workDirectory)) throw complain(`lies outside of the run's directory ${workDirectory}`, elsewhere)
  for (const each of [file, path.dirname(file), workDirectory]) {
    const mode = statSync(each).mode & 0o777
    if ((mode & 0o077) === 0) continue
    throw complain(
      `${each === file ? 'others may read it' : `others may look into ${each}`} (mode ${mode.toString(8)})`,
      `Name a directory on a file system that keeps permissions: ${elsewhere}`,
    )
  }
}

function isBelow(file: string, directory: string): boolean {
  const relative = path.relative(directory, file)
  return relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative)
}
