import { type Environment, programFile, type ProvidedProgram } from './provided-program.ts'

/** As setup.d/kind.sh has it. */
export const kindProgram: ProvidedProgram = {
  name: 'kind',
  variable: 'CLUSTERPROOF_KIND',
  modFile: 'tools/go.mod',
  module: 'sigs.k8s.io/kind',
}

/**
 * The `kind` CLI to run.
 * @throws {UserError} where there is none
 */
export function kindBinary(env?: Environment): string {
  return programFile(kindProgram, env)
}
