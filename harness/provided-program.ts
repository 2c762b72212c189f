import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { cacheFolder, projectFolder } from './images/settings.ts'
import { UserError } from './user-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A program that ./setup provides; setup.d/NAME.sh has the same. */
export interface ProvidedProgram {
  /** Its name on the PATH: `kind`. */
  readonly name: string
  /** The environment's variable that names another one. */
  readonly variable: string
  /** The go.mod that pins it, relative to the project's folder. */
  readonly modFile: string
  /** The module that it is built from. */
  readonly module: string
}

/**
 * The program to run, in the order that setup.d/program.sh has too: the one that its variable names, the pinned one that
 * ./setup put into the cache, the one on the PATH (whose version ./setup checked).
 * @throws {UserError} where there is none
 */
export function programFile(program: ProvidedProgram, env: Environment = process.env): string {
  const { name, variable } = program
  const named = env[variable]
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return path.resolve(named)
    throw new UserError(`${variable} names ${named}, and that is no program`, {
      exitCode: 2,
      hint: `Name the ${name} CLI by its path, or unset ${variable} and run ./setup.`,
    })
  }
  const pinned = path.join(cacheFolder(env), 'bin', `${name}-${pinnedVersion(program)}`)
  const found = isExecutable(pinned) ? pinned : onPath(name, env)
  if (found !== undefined) return found
  throw new UserError(`there is no ${name} CLI, neither ${pinned} nor on the PATH`, {
    hint: `Run ./setup: it provides ${name}.`,
  })
}

/** The first program of that name on the PATH. */
export function onPath(name: string, env: Environment = process.env): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => path.join(folder, name)).find(isExecutable)
}

/**
 * `0.33.0`: the version that the program's go.mod requires.
 * @throws {Error} where it requires none: a fault in this project
 */
export function pinnedVersion({ modFile, module }: ProvidedProgram): string {
  const file = path.join(projectFolder, modFile)
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [name, version] = line
      .replace(/^require/, '')
      .trim()
      .split(/\s+/)
    if (name === module && version?.startsWith('v') === true) return version.slice(1)
  }
  throw new Error(`${file} does not require ${module}`)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
