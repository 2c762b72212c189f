import { mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { Verdict } from '../harness/verdict.ts'
import { pathName } from './path-name.ts'
import type { ScenarioReport } from './run-model.ts'
import type { Picture } from './scenario-pictures.ts'

/** What this file writes into the folder of a scenario, and nothing else it removes. */
const files: readonly Picture['name'][] = ['timeline', 'recovery', 'etcd', 'mirror']

/** A scenario as far as its folder's name goes. */
export type Named = Pick<ScenarioReport, 'scenario' | 'cluster'> & {
  readonly verdict: Pick<Verdict, 'distribution'> | null
}

/**
 * A folder for each scenario, all different, by the shortest of these that is its own: the scenario, with its cluster, with
 * its version of Kubernetes, with a number. None of them leads out of the folder that it is in, whatever the names hold.
 */
export function folderNames(all: readonly Named[]): string[] {
  const ways = [
    ({ scenario }: Named) => pathName(scenario),
    ({ scenario, cluster }: Named) => pathName(`${scenario}-${cluster}`),
    ({ scenario, cluster, verdict }: Named) =>
      pathName(`${scenario}-${cluster}-${verdict?.distribution.kubernetes ?? ''}`),
  ]
  const candidates = all.map((named) => ways.map((way) => way(named)))
  const taken = new Set<string>()
  return candidates.map((own, index) => {
    const others = candidates.filter((_, other) => other !== index)
    const alone = own.find((name, way) => others.every((other) => other[way] !== name))
    return free(alone ?? own.at(-1) ?? '', taken)
  })
}

/** Writes the pictures of a scenario, and returns how many there are. */
export type WritePictures<Scenario> = (scenario: Scenario, pictures: readonly Picture[]) => number

/** Removes the pictures of an earlier report, and gives what writes those of these scenarios, one after the other. */
export function emptyPictures<Scenario extends Named>(
  folder: string,
  scenarios: readonly Scenario[],
): WritePictures<Scenario> {
  clear(folder)
  const names = folderNames(scenarios)
  const folders = new Map(scenarios.map((scenario, index) => [scenario, names[index]]))
  return (scenario, pictures) => {
    const name = folders.get(scenario)
    if (name === undefined || pictures.length === 0) return 0
    const own = path.join(folder, name)
    mkdirSync(own, { recursive: true })
    for (const picture of pictures) writeFileSync(path.join(own, `${picture.name}.svg`), picture.svg)
    return pictures.length
  }
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
    for (const name of files) rmSync(path.join(own, `${name}.svg`), { force: true })
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
