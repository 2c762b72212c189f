import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { projectFolder } from '../../harness/images/settings.ts'
import { type HostProcess, hostProcesses } from '../host-processes.ts'
import { auditVariable } from './inventory.ts'
import type { KillMode } from './moments.ts'
import type { Subject } from './subjects.ts'

/** How a run ended. */
export interface RunEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  /** Milliseconds. */
  readonly tookMs: number
}

export interface StartRunOptions {
  readonly out: string
  readonly token: string
  /** Where it says what it says. */
  readonly log: string
}

/** A run that goes on in processes of its own, with a process group of its own, as an interactive shell gives it one. */
export class StartedRun {
  readonly out: string
  readonly #log: string
  readonly #token: string
  readonly #subprocess: ChildProcess
  readonly #ended: Promise<RunEnd>

  constructor({ program, args }: Subject, { out, token, log }: StartRunOptions) {
    this.out = out
    this.#log = log
    this.#token = token
    mkdirSync(path.dirname(log), { recursive: true })
    const said = openSync(log, 'w')
    const startedAt = performance.now()
    // Its output goes into the file by itself: the run has nobody but itself to live for.
    this.#subprocess = spawn(process.execPath, [path.join(projectFolder, program), ...args, '--out', out, '--no-tty'], {
      cwd: projectFolder,
      env: { ...process.env, [auditVariable]: token },
      stdio: ['ignore', said, said],
      detached: true,
    })
    closeSync(said)
    this.#ended = new Promise((resolve, reject) => {
      this.#subprocess.once('error', reject)
      this.#subprocess.once('exit', (exitCode, signal) => {
        resolve({ exitCode, signal, tookMs: performance.now() - startedAt })
      })
    })
  }

  get ended(): Promise<RunEnd> {
    return this.#ended
  }

  /** The run's id, as it has told; null: it has not come that far. */
  get id(): string | null {
    return /^run ([a-z0-9]{8}): /m.exec(this.said)?.[1] ?? null
  }

  get said(): string {
    return readFileSync(this.#log, 'utf8')
  }

  /** Kills it without a word. Returns once its main process is gone. */
  async kill(mode: KillMode): Promise<RunEnd> {
    const { pid } = this.#subprocess
    if (pid !== undefined) {
      if (mode === 'group') killed(-pid)
      if (mode === 'node' || mode === 'all') this.#killAll(mode)
      // Last: nothing is left to see that it is gone and to end in order.
      killed(pid)
    }
    return this.#ended
  }

  /** Asks it to end in order, as Ctrl-C does, and waits for that. */
  async end(): Promise<void> {
    this.#subprocess.kill('SIGTERM')
    await this.#ended
  }

  /** Also what is started while they are killed. */
  #killAll(mode: KillMode): void {
    const gone = new Set<number>()
    for (;;) {
      const left = hostProcesses().filter(
        (each) =>
          each.environment[auditVariable] === this.#token && (mode === 'all' || isNode(each)) && !gone.has(each.pid),
      )
      if (left.length === 0) return
      for (const { pid } of left) {
        gone.add(pid)
        killed(pid)
      }
    }
  }
}

export function isNode({ command }: Pick<HostProcess, 'command'>): boolean {
  const [program = ''] = command.split(' ')
  return path.basename(program) === 'node'
}

/** A negative id is that of a group. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}
