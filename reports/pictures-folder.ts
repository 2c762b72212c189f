import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { pathName } from './path-name.ts'
import type { Picture } from './scenario-pictures.ts'

/** What this file writes into the folder of a scenario, and nothing else it removes. */
const names: readonly Picture['name'][] = ['timeline', 'recovery', 'etcd', 'mirror']

/** A scenario as far as its folder's name goes. */
export interface Named {
  readonly scenario: string
  readonly cluster: string
  readonly kubernetes: string
}

/**
 * A folder for each scenario, all different, by the shortest of these that is its own: the scenario, with its cluster, with
 * its version of Kubernetes, with a number. None of them leads out of the folder that it is in, whatever the names hold.
 */
export function folderNames(all: readonly Named[]): string[] {
  const ways = [
    ({ scenario }: Named) => pathName(scenario),
    ({ scenario, cluster }: Named) => pathName(`${scenario}-${cluster}`),
    ({ scenario, cluster, kubernetes }: Named) => pathName(`${scenario}-${cluster}-${kubernetes}`),
  ]
  const candidates = all.map((named) => ways.map((way) => way(named)))
  const taken = new Set<string>()
  return candidates.map((own, index) => {
    const others = candidates.filter((_, other) => other !== index)
    const alone = own.find((name, way) => others.every((other) => other[way] !== name))
    return free(alone ?? own.at(-1) ?? '', taken)
  })
}

/** Removes the pictures of an earlier report and writes these. Returns how many there are. */
export function writePictures(
  folder: string,
  scenarios: readonly (Named & { pictures: readonly Picture[] })[],
): number {
  clear(folder)
  const folders = folderNames(scenarios)
  let count = 0
  for (const [index, { pictures }] of scenarios.entries()) {
    if (pictures.length === 0) continue
    const own = path.join(folder, folders[index] ?? String(index))
    mkdirSync(own, { recursive: true })
    for (const { name, svg } of pictures) writeFileSync(path.join(own, `${name}.svg`), svg)
    count += pictures.length
  }
  return count
}

function free(name: string, taken: Set<string>): string {
  let own = name
  // Case too: some file systems know no difference.
  for (let number = 2; taken.has(own.toLowerCase()); number += 1) own = `${name}-${number}`
  taken.add(own.toLowerCase())
  return own
}

function clear(folder: string): void {
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory()) continue
    const own = path.join(folder, entry.name)
    for (const name of names) rmSync(path.join(own, `${name}.svg`), { force: true })
    if (entriesOf(own).length === 0) rmdirSync(own)
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    // It is not there yet.
    return []
  }
}
