import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, writeFile } from 'node:fs/promises'

/**
 * Takes these results out of Allure's history, which would otherwise remember a run once for each time that its report was
 * built. Results have the same ids whenever they are written, so an entry is of this run where it has one of them.
 */
export async function forgetThisRun(history: string, resultDirectories: readonly string[]): Promise<void> {
  if (!existsSync(history)) return
  const ids = new Set<string>()
  for (const directory of resultDirectories) {
    for (const id of await resultIds(directory)) ids.add(id)
  }
  const lines = (await readFile(history, 'utf8')).split('\n').filter((line) => line.trim() !== '')
  const kept = lines.filter((line) => idsOf(line)?.isDisjointFrom(ids) === true)
  if (kept.length === lines.length) return
  const fresh = `${history}.${process.pid}`
  await writeFile(fresh, kept.map((line) => `${line}\n`).join(''))
  await rename(fresh, history)
}

/** As Allure makes them of the ids of the result files. */
async function resultIds(directory: string): Promise<string[]> {
  const names = existsSync(directory) ? await readdir(directory) : []
  return names
    .filter((name) => name.endsWith('-result.json'))
    .map((name) =>
      createHash('md5')
        .update(name.replace(/-result\.json$/, ''))
        .digest('hex'),
    )
}

/** The ids of the results that an entry remembers; null where it is none, such as a line that was cut off. */
function idsOf(line: string): Set<unknown> | null {
  try {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null || !('testResults' in entry)) return null
    return new Set(Object.values(entry.testResults ?? {}).map((result: { id?: unknown } | null) => result?.id))
  } catch {
    return null
  }
}
