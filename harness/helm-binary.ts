import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { cacheFolder } from './images/settings.ts'
import { type Run, run, type RunOptions, type RunResult } from './process.ts'
import { type Environment, programFile, type ProvidedProgram } from './provided-program.ts'

/** As setup.d/helm.sh has it. */
export const helmProgram: ProvidedProgram = {
  name: 'helm',
  variable: 'CLUSTERPROOF_HELM',
  modFile: 'tools/helm/go.mod',
  module: 'helm.sh/helm/v3',
}

/**
 * The `helm` CLI to run, a helm 3.
 * @throws {UserError} where there is none
 */
export function helmBinary(env?: Environment): string {
  return programFile(helmProgram, env)
}

/**
 * Runs helm with nothing of this user's: no repositories, plugins, credentials or cluster of theirs.
 * @throws {CommandError} as `run` does
 * @throws {UserError} where there is no helm
 */
export async function runHelm(args: readonly string[], options: RunOptions = {}, runs: Run = run): Promise<RunResult> {
  const home = path.join(cacheFolder(), 'helm')
  await mkdir(home, { recursive: true })
  const usersOwn = Object.keys(process.env).filter((name) => name.startsWith('HELM_'))
  const env = {
    // They may lead to another cluster or user than the flags say; helm takes an empty one for none.
    ...Object.fromEntries(usersOwn.map((name) => [name, ''])),
    HELM_CACHE_HOME: path.join(home, 'cache'),
    HELM_CONFIG_HOME: path.join(home, 'config'),
    HELM_DATA_HOME: path.join(home, 'data'),
  }
  return runs(helmBinary(), args, { ...options, env: { ...env, ...options.env } })
}
