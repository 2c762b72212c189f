import { mkdirSync } from 'node:fs'
import path from 'node:path'

import { execa } from 'execa'

import { admissionVariable } from '../harness/admission/protocol.ts'
import { AdmissionServer } from '../harness/admission/server.ts'
import { projectFolder } from '../harness/images/settings.ts'
import { type Run, runEnvironment, testedAtOnce } from '../harness/run.ts'
import { type RunEvent, runEventSchema } from '../reports/run-events.ts'
import { temporaryFolder } from '../reports/run-record.ts'

export interface VitestCall {
  readonly projects: readonly string[]
  /** Only these test files; left out: all of the projects. */
  readonly files?: readonly string[]
  /** Only the tests with exactly these names; left out: all. */
  readonly tests?: readonly string[]
  /** Instead of those that vitest.config.ts names. */
  readonly reporters?: readonly string[]
}

/** Who is told what vitest does. */
export interface VitestListener {
  /** Everything that vitest, its workers and what these have started print, as it comes. */
  output(stream: 'out' | 'err', text: string): void
  event(event: RunEvent): void
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
 * Runs vitest to its end. The signal ends it with all that it has started; where this process dies without a word, the
 * lost IPC channel tells vitest (reports/verdicts-reporter.ts).
 */
export async function vitest(
  run: Run,
  call: VitestCall,
  listener: VitestListener,
  interrupted: AbortSignal,
): Promise<VitestEnd> {
  await using admission = await AdmissionServer.listen(testedAtOnce(run))
  const script = path.join(projectFolder, 'node_modules/vitest/vitest.mjs')
  const subprocess = execa(process.execPath, [script, ...vitestArguments(call)], {
    cwd: projectFolder,
    env: { ...runEnvironment(run), [admissionVariable]: admission.address, TMPDIR: madeTemporaryFolder(run) },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    // It is handed on as it comes, and would be kept in memory beside that.
    buffer: false,
    ipc: true,
    reject: false,
    cancelSignal: interrupted,
    killDescendants: true,
    forceKillAfterDelay: endingLimitMs,
  })
  const { nodeChildProcess: child } = subprocess
  // The channel closes once everything that was sent has been read.
  const allTold = new Promise((resolve) => child.once('disconnect', resolve))
  child.on('message', (message: unknown) => {
    const event = runEventSchema.safeParse(message)
    if (event.success) listener.event(event.data)
    else listener.output('err', `vitest told something that is no event: ${event.error.message}\n`)
  })
  subprocess.stdout.setEncoding('utf8').on('data', (text: string) => listener.output('out', text))
  subprocess.stderr.setEncoding('utf8').on('data', (text: string) => listener.output('err', text))
  const result = await subprocess
  if (child.connected) await allTold
  return { exitCode: result.exitCode ?? null, signal: result.signal ?? null }
}

/** What vitest and its workers leave behind where they are killed goes with the run, at the latest by a sweep. */
function madeTemporaryFolder({ id }: Run): string {
  const folder = temporaryFolder(id)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

export function vitestArguments({ projects, files = [], tests = [], reporters = [] }: VitestCall): string[] {
  return [
    'run',
    // The usual one writes the configuration anew as a file in node_modules, which stays where vitest is killed over it.
    '--configLoader=native',
    // Each with its parts: `scenarios:split` is of `scenarios`.
    ...projects.flatMap((project) => ['--project', `${project}*`]),
    ...reporters.flatMap((reporter) => ['--reporter', reporter]),
    ...(tests.length === 0 ? [] : ['--testNamePattern', `^(?:${tests.map(escaped).join('|')})$`]),
    // A project without a test file, such as one that nobody has written counter-tests for yet, is no failure.
    ...(files.length === 0 ? ['--passWithNoTests'] : files),
  ]
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
