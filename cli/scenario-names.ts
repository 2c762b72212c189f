import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import picomatch from 'picomatch'

import { projectFolder } from '../harness/images/settings.ts'
import { UserError } from '../harness/user-error.ts'

/** What `npm start` runs when it is not told otherwise: short, and a graceful, a hard and a central failure in it. */
export const shortProfile = [
  'recovery.daemonset-after-reboot',
  'recovery.power-cut',
  'recovery.control-plane-reboot',
] as const

/** A glob that matches these names and no others. */
export function globOf(names: readonly string[]): string {
  const [only] = names
  return names.length === 1 && only !== undefined ? only : `{${names.join(',')}}`
}

/** A suite's file, relative to the project, and the scenarios that it declares. */
export interface ScenarioFile {
  readonly file: string
  readonly names: readonly string[]
}

/** The suites and their scenarios, read from the sources: asking vitest for them takes seconds. */
export function scenarioFiles(project = projectFolder): ScenarioFile[] {
  return readdirSync(path.join(project, 'suites'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.suite.ts'))
    .toSorted()
    .map((file) => path.join('suites', file))
    .map((file) => ({ file, names: suiteSources(path.join(project, file)).flatMap(declaredScenarios) }))
}

/** A suite's source, and those of the scenarios that it gathers: `import './name.scenario.ts'`. */
export function suiteSources(file: string): string[] {
  const suite = readFileSync(file, 'utf8')
  const gathered = [...suite.matchAll(/^import '(\.\.?\/[\w/-]+\.scenario\.ts)'$/gm)].map(([, name = '']) => name)
  return [suite, ...gathered.map((name) => readFileSync(path.join(path.dirname(file), name), 'utf8'))]
}

export function declaredScenarios(source: string): string[] {
  return [...source.matchAll(/^\s*(?:bootS|s)cenario\(\s*(['"`])([^'"`$]+)\1/gm)].flatMap(([, , name]) => name ?? [])
}

/** The scenarios to run, and the files that hold them. */
export interface Selection {
  readonly names: readonly string[]
  readonly files: readonly string[]
}

/** @throws {UserError} with exit code 2 and the known names where the glob matches none */
export function selectScenarios(glob: string, files: readonly ScenarioFile[]): Selection {
  const matches = glob === '' ? () => false : picomatch(glob)
  const selected = files
    .map(({ file, names }) => ({ file, names: names.filter((name) => matches(name)) }))
    .filter(({ names }) => names.length > 0)
  if (selected.length > 0) {
    return { names: selected.flatMap(({ names }) => names), files: selected.map(({ file }) => file) }
  }
  // Several suites may gather the same scenario, each for a cluster of its own.
  const known = [...new Set(files.flatMap(({ names }) => names))].toSorted()
  throw new UserError(`no scenario matches ${JSON.stringify(glob)}`, {
    exitCode: 2,
    hint: `Choose one of these, or a glob such as 'recovery.*':\n    ${known.join('\n    ')}`,
  })
}
