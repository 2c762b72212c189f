import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { cacheFolder } from '../harness/images/settings.ts'
import { processExists } from '../reports/run-record.ts'

/**
 * Where files are written beside their place under a name that ends with the writer's process id, and then put there:
 * records of runs, what is known about archives, and the programs that ./setup builds or downloads.
 */
const places = (temporary: string, cache: string) => [
  { folder: temporary, file: /^clusterproof-run-[a-z0-9]{8}\.json\.(\d+)$/ },
  { folder: path.join(cache, 'archives'), file: /^[0-9a-f]{64}\.json\.(\d+)$/ },
  { folder: path.join(cache, 'bin'), file: /^[a-z0-9]+-\d+\.\d+\.\d+\.(\d+)(?:\.file|\.sha256sum)?$/ },
]

/** Files whose writer was ended over them. Absolute paths, sorted. */
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
