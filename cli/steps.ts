import path from 'node:path'

import { formatDuration } from '../harness/duration.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { stream } from '../harness/process.ts'

/** Does one of several things that take long, and says how long it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  console.log(`${name} …`)
  const began = performance.now()
  const value = await work()
  console.log(`${name}: ${formatDuration(performance.now() - began)}`)
  return value
}

/** Runs a command of this project, which says for itself what it does. Returns its exit code. */
export async function ownCommand([program = '', ...args]: readonly string[], timeoutMs: number): Promise<number> {
  try {
    const script = path.join(projectFolder, program)
    await stream(process.execPath, [script, ...args], { cwd: projectFolder, timeoutMs, onLine: indented }).done
    return 0
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') return error.exitCode
    throw error
  }
}

export function indented(line: string): void {
  console.log(`  ${line}`)
}
