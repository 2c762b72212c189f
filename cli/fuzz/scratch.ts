import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

let folder: string | null = null

/** A folder of this process, made when it is first asked for and removed with the process. */
export function scratch(): string {
  if (folder === null) {
    const made = mkdtempSync(path.join(tmpdir(), 'clusterproof-fuzz-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    folder = made
  }
  return folder
}
