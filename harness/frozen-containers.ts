import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** Where cgroup v1 keeps who is frozen. With cgroup v2 it is not there, and need not be: SIGKILL ends what is frozen. */
const freezerHierarchy = '/sys/fs/cgroup/freezer'

/**
 * Thaws what is frozen in these containers, or in containers in them, and tells how many control groups that were.
 * runc freezes a container while it sets its rules for devices, and with cgroup v1 SIGKILL does not reach what is frozen:
 * a machine whose runc was killed then cannot be removed. What may not be written stays frozen, as where the engine is
 * on another machine or the user is not root.
 */
export function thawContainers(ids: readonly string[], hierarchy = freezerHierarchy): number {
  const states = stateFiles(hierarchy).filter((file) => ids.some((id) => id !== '' && file.includes(id)))
  return states.filter((file) => thaw(path.join(hierarchy, file))).length
}

/** Relative to the hierarchy. None where there is no such hierarchy, or where a group goes away while they are listed. */
function stateFiles(hierarchy: string): string[] {
  try {
    const files = readdirSync(hierarchy, { recursive: true, encoding: 'utf8' })
    return files.filter((file) => path.basename(file) === 'freezer.state')
  } catch {
    return []
  }
}

/** False where it was not frozen, or may not be written. */
function thaw(stateFile: string): boolean {
  try {
    // FREEZING is one that has a member that cannot be frozen: it would not end either.
    if (readFileSync(stateFile, 'utf8').trim() === 'THAWED') return false
    writeFileSync(stateFile, 'THAWED')
    return true
  } catch {
    return false
  }
}
