import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

import { UserError } from '../user-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The project's own folder, with `setup` in it. */
export const projectFolder = path.resolve(import.meta.dirname, '../..')

/** What clusterproof keeps between runs, for this user: the kind CLI, what is known about archives and the engine. */
export function cacheFolder(env: Environment = process.env): string {
  // setup.d/steps.sh has the same rule.
  const given = set(env.CLUSTERPROOF_CACHE)
  if (given !== undefined) return path.resolve(given)
  return path.join(set(env.XDG_CACHE_HOME) ?? path.join(set(env.HOME) ?? homedir(), '.cache'), 'clusterproof')
}

/** Whether no image registry may be asked. */
export function isOffline(env: Environment = process.env): boolean {
  return !['', '0', 'false', undefined].includes(env.CLUSTERPROOF_OFFLINE)
}

/**
 * The folder of image archives, or `undefined` where there is none.
 * `CLUSTERPROOF_IMAGES` names it (empty: none); without that it is `../shared/images` beside the project, where it exists.
 * @throws {UserError} where `CLUSTERPROOF_IMAGES` names no folder
 */
export function archiveFolder(env: Environment = process.env, project: string = projectFolder): string | undefined {
  if (env.CLUSTERPROOF_IMAGES === '') return undefined
  const given = env.CLUSTERPROOF_IMAGES
  const folder = given === undefined ? path.join(project, '../shared/images') : path.resolve(given)
  if (existsSync(folder)) return folder
  if (given === undefined) return undefined
  throw new UserError(`CLUSTERPROOF_IMAGES names ${folder}, and there is no such folder`, {
    exitCode: 2,
    hint: 'Name a folder of archives made by `docker save`, or set CLUSTERPROOF_IMAGES= to use none.',
  })
}

/**
 * The folder of Helm charts (`spegel-v0.0.17.tgz`), or `undefined` where there is none.
 * `CLUSTERPROOF_CHARTS` names it (empty: none); without that it is `charts` beside the folder of image archives.
 * @throws {UserError} where `CLUSTERPROOF_CHARTS` names no folder
 */
export function chartFolder(env: Environment = process.env, project: string = projectFolder): string | undefined {
  if (env.CLUSTERPROOF_CHARTS === '') return undefined
  const given = env.CLUSTERPROOF_CHARTS
  if (given !== undefined) {
    if (existsSync(given)) return path.resolve(given)
    throw new UserError(`CLUSTERPROOF_CHARTS names ${path.resolve(given)}, and there is no such folder`, {
      exitCode: 2,
      hint: 'Name a folder of Helm charts (NAME-VERSION.tgz), or set CLUSTERPROOF_CHARTS= to use none.',
    })
  }
  const archives = archiveFolder(env, project)
  const folder = archives === undefined ? undefined : path.join(archives, '../charts')
  return folder !== undefined && existsSync(folder) ? folder : undefined
}

function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
