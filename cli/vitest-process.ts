import path from 'node:path'

import { execa } from 'execa'

import { projectFolder } from '../harness/images/settings.ts'
import { type Run, runEnvironment } from '../harness/run.ts'

export interface VitestCall {
  readonly projects: readonly string[]
  /** Only these test files; left out: all of the projects. */
  readonly files?: readonly string[]
  /** Instead of those that vitest.config.ts names. */
  readonly reporters?: readonly string[]
}

/** How a vitest process ended. */
export interface VitestEnd {
  readonly exitCode: number | null
  /** The signal that ended it, where one did. */
  readonly signal: string | null
}

/** From the order to end to SIGKILL, in milliseconds: time for a worker to end the processes that it has started. */
const endingLimitMs = 5_000

/**
 * Runs vitest to its end, its output in ours. The signal ends it with all that it has started; where this process
 * dies without a word, the lost IPC channel tells vitest (reports/verdicts-reporter.ts).
 */
export async function vitest(run: Run, call: VitestCall, interrupted: AbortSignal): Promise<VitestEnd> {
  const script = path.join(projectFolder, 'node_modules/vitest/vitest.mjs')
  const result = await execa(process.execPath, [script, ...vitestArguments(call)], {
    cwd: projectFolder,
    env: runEnvironment(run),
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: true,
    reject: false,
    cancelSignal: interrupted,
    killDescendants: true,
    forceKillAfterDelay: endingLimitMs,
  })
  return { exitCode: result.exitCode ?? null, signal: result.signal ?? null }
}

export function vitestArguments({ projects, files = [], reporters = [] }: VitestCall): string[] {
  return [
    'run',
    // Each with its parts: `scenarios:split` is of `scenarios`.
    ...projects.flatMap((project) => ['--project', `${project}*`]),
    ...reporters.flatMap((reporter) => ['--reporter', reporter]),
    // A project without a test file, such as one that nobody has written counter-tests for yet, is no failure.
    ...(files.length === 0 ? ['--passWithNoTests'] : files),
  ]
}
