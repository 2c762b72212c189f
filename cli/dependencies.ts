import { readFileSync } from 'node:fs'
import path from 'node:path'

import { z } from 'zod'

import { projectFolder } from '../harness/images/settings.ts'

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      name: z.string().optional(),
      version: z.string(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
    }),
  ),
})

export interface Dependency {
  readonly name: string
  readonly version: string
  /** SPDX, as its package says; `unknown`: it does not. */
  readonly licence: string
  /** `development`: only those need it who work on the project, or look at its reports. */
  readonly use: 'production' | 'development'
  /** Whether it would run a program of its own when it is installed. */
  readonly hasInstallScript: boolean
  /** Its digest; null: npm could not tell whether it is the one that was meant. */
  readonly integrity: string | null
}

/** Packages that say it in `licenses`, as was done before npm 2, which a lock file leaves out. */
export const saidInLicenses: ReadonlyMap<string, string> = new Map([
  ['buildcheck', 'MIT'],
  ['cpu-features', 'MIT'],
  ['ssh2', 'MIT'],
])

/** Every npm package that the lock file has, for whatever system, in the order of their names. */
export function dependencies(file = path.join(projectFolder, 'package-lock.json')): Dependency[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  return Object.entries(packages)
    .filter(([folder]) => folder !== '')
    .map(([folder, { name = nameOf(folder), version, license, integrity, dev, hasInstallScript }]): Dependency => {
      const licence = license ?? saidInLicenses.get(name) ?? 'unknown'
      const use = dev ? 'development' : 'production'
      return { name, version, licence, use, hasInstallScript, integrity: integrity ?? null }
    })
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** A line for each licence, the most frequent first: how many packages have it, in production and beyond. */
export function licenceLines(all: readonly Dependency[]): string[] {
  const licences = Map.groupBy(all, ({ licence }) => licence)
  const counts = [...licences].map(([licence, having]) => {
    const production = having.filter(({ use }) => use === 'production').length
    return { licence, production, development: having.length - production }
  })
  const sorted = counts.toSorted((left, right) => total(right) - total(left) || (left.licence < right.licence ? -1 : 1))
  const width = Math.max(...sorted.map(({ licence }) => licence.length))
  return sorted.map(
    ({ licence, production, development }) =>
      `${licence.padEnd(width)}  ${String(production).padStart(3)} production, ${String(development).padStart(3)} development`,
  )
}

function total({ production, development }: { readonly production: number; readonly development: number }): number {
  return production + development
}
