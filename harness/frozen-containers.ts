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
  const frozen = controlGroups(hierarchy).filter(
    (group) => ids.some((id) => id !== '' && group.includes(id)) && isFrozen(path.join(hierarchy, group)),
  )
  return frozen.filter((group) => thaw(path.join(hierarchy, group))).length
}

/** Relative to the hierarchy; empty where there is none. Groups that go away while they are listed are left out. */
function controlGroups(hierarchy: string): string[] {
  try {
    return readdirSync(hierarchy, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.relative(hierarchy, path.join(entry.parentPath, entry.name)))
  } catch {
    return []
  }
}

function isFrozen(group: string): boolean {
  try {
    // FREEZING is one that has a member that cannot be frozen: it would not end either.
    return readFileSync(path.join(group, 'freezer.state'), 'utf8').trim() !== 'THAWED'
  } catch {
    return false
  }
}

function thaw(group: string): boolean {
  try {
    writeFileSync(path.join(group, 'freezer.state'), 'THAWED')
    return true
  } catch {
    return false
  }
}
