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
