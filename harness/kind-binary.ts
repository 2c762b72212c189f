import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { cacheFolder, projectFolder } from './images/settings.ts'
import { UserError } from './user-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The `kind` CLI to run, in the order that setup.d/kind.sh has too: the one `CLUSTERPROOF_KIND` names, the pinned one
 * that ./setup put into the cache, the one on the PATH (whose version ./setup checked).
 * @throws {UserError} where there is none
 */
export function kindBinary(env: Environment = process.env): string {
  const named = env.CLUSTERPROOF_KIND
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return path.resolve(named)
    throw new UserError(`CLUSTERPROOF_KIND names ${named}, and that is no program`, {
      exitCode: 2,
      hint: 'Name the kind CLI by its path, or unset CLUSTERPROOF_KIND and run ./setup.',
    })
  }
  const pinned = path.join(cacheFolder(env), 'bin', `kind-${pinnedKindVersion()}`)
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  const onPath = folders.map((folder) => path.join(folder, 'kind'))
  const found = [pinned, ...onPath].find(isExecutable)
  if (found !== undefined) return found
  throw new UserError(`there is no kind CLI, neither ${pinned} nor on the PATH`, {
    hint: 'Run ./setup: it provides kind.',
  })
}

/** `0.33.0`: the version that tools/go.mod requires. */
export function pinnedKindVersion(): string {
  const file = path.join(projectFolder, 'tools/go.mod')
  const version = /^(?:require)?\s+sigs\.k8s\.io\/kind v(\S+)/m.exec(readFileSync(file, 'utf8'))?.[1]
  if (version === undefined) throw new Error(`${file} does not require sigs.k8s.io/kind`)
  return version
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
