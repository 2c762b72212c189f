import { rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { type EngineObjects, labelledObjects, removeObjects } from '../harness/engine-objects.ts'
import { UserError } from '../harness/user-error.ts'
import { forgetRun } from '../reports/run-record.ts'

/** What the engine is asked, replaced in tests. */
export interface Remover {
  readonly list: (id: string) => Promise<EngineObjects>
  readonly remove: (objects: EngineObjects) => Promise<void>
}

const engineRemover: Remover = { list: labelledObjects, remove: removeObjects }

/** A process that was ended may have asked the engine for one more container just before. */
const lookAgainMs = 500

/** A container that cannot be removed at the first go often can be at the second: its mounts were busy. */
const attempts = 5

/** Everything of a run that is gone now, in words; empty where there was nothing. */
export type Removed = readonly string[]

/**
 * Removes all that carries the run's label, until two looks in a row find nothing.
 * @throws {UserError} where something cannot be removed
 */
export async function removeLabelled(id: string, { list, remove }: Remover = engineRemover): Promise<Removed> {
  const removed = new Set<string>()
  let clean = 0
  for (let attempt = 0; clean < 2;) {
    const objects = await list(id)
    const names = describeObjects(objects)
    if (names.length === 0) {
      clean += 1
      if (clean < 2) await delay(lookAgainMs)
      continue
    }
    clean = 0
    attempt += 1
    if (attempt > attempts) {
      throw new UserError(`the Docker engine does not remove what run ${id} made: ${names.join(', ')}`, {
        hint: 'Try `npm run sweep` again later; `docker rm --force NAME` says what is in the way.',
      })
    }
    for (const name of names) removed.add(name)
    await remove(objects)
  }
  return [...removed]
}

export function describeObjects({ containers, networks, volumes }: EngineObjects): string[] {
  return [
    ...containers.map((name) => `container ${name}`),
    ...networks.map((name) => `network ${name}`),
    ...volumes.map((name) => `volume ${name}`),
  ]
}

/** Removes the working files of a run, and the record that it was there. */
export function removeTraces({ id, workDirectory }: { readonly id: string; readonly workDirectory: string }): void {
  if (isWorkDirectory(workDirectory, id)) rmSync(workDirectory, { recursive: true, force: true })
  forgetRun(id)
}

/** A record lies where anybody may write: only a directory that can be none but the run's own is removed. */
export function isWorkDirectory(directory: string, id: string): boolean {
  return path.isAbsolute(directory) && directory.endsWith(path.join(path.sep, 'work', id))
}
