import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { cacheFolder } from '../harness/images/settings.ts'
import { CommandError, type Run, run as runProcess } from '../harness/process.ts'
import { recordsInCache } from '../harness/run.ts'
import { processExists } from '../reports/run-record.ts'

/**
 * What has the process id of its writer in its name, and is gone when that has ended well: what is written beside its
 * place and then put there (records of runs, what is known about archives, programs that ./setup builds or downloads),
 * and folders of reports that are being built.
 */
const places = (temporary: string, cache: string) => [
  ...[temporary, recordsInCache(cache)].map((folder) => ({
    folder,
    file: /^clusterproof-run-[a-z0-9]{8}\.json\.(\d+)$/,
  })),
  { folder: temporary, file: /^clusterproof-(?:report|hostile)-(\d+)-[A-Za-z0-9]{6}$/ },
  { folder: path.join(cache, 'archives'), file: /^[0-9a-f]{64}\.json\.(\d+)$/ },
  { folder: path.join(cache, 'bin'), file: /^[a-z0-9]+-\d+\.\d+\.\d+\.(\d+)(?:\.file|\.sha256sum)?$/ },
]

/**
 * What is half done of a node image, gigabytes of it: clusters/node-image/build works in there, and holds the lock for as
 * long as any of its steps runs. Absolute paths; none where a build is at work, or where nobody can tell.
 */
export async function unfinishedBuilds(cache = cacheFolder(), run: Run = runProcess): Promise<string[]> {
  const folders = (existsSync(cache) ? readdirSync(cache) : [])
    .filter((name) => /^work\.[A-Za-z0-9]{6}$/.test(name))
    .map((name) => path.join(cache, name))
  if (folders.length === 0) return []
  return (await whileNoneBuilds(cache, ['true'], run)) ? folders : []
}

/** The build's own way: nothing of another file system is touched. */
export async function removeBuilds(
  folders: readonly string[],
  cache = cacheFolder(),
  run: Run = runProcess,
): Promise<void> {
  if (folders.length > 0) await whileNoneBuilds(cache, ['rm', '-rf', '--one-file-system', ...folders], run)
}

/** Returns whether the command was run: no build is at work, and none begins as long as it runs. */
async function whileNoneBuilds(cache: string, command: readonly string[], run: Run): Promise<boolean> {
  try {
    await run('flock', ['--nonblock', path.join(cache, 'lock'), ...command])
    return true
  } catch (error) {
    // Held by a build; or there is no flock, and then there was no build.
    if (error instanceof CommandError) return false
    throw error
  }
}

/** Files and folders whose writer was ended over them. Absolute paths, sorted. */
export function unfinishedFiles(
  temporary = tmpdir(),
  cache = cacheFolder(),
  exists: (pid: number) => boolean = processExists,
): string[] {
  return places(temporary, cache).flatMap(({ folder, file }) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => {
        const writer = file.exec(name)?.[1]
        return writer !== undefined && !exists(Number(writer))
      })
      .toSorted()
      .map((name) => path.join(folder, name)),
  )
}
