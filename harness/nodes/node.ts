import type { RunResult, StreamHandle } from '../process.ts'
import type { Role } from '../topology.ts'

/** What tells one boot of a node from the next. Two equal values: the node was not restarted in between. */
export interface BootEvidence {
  /** ISO 8601, when the machine (its container) last started. */
  readonly startedAt: string
  /** How often the engine restarted it by itself. */
  readonly restarts: number
  /** Process id of its PID 1 as the engine sees it; 0 while it is off. */
  readonly pid: number
}

export interface ExecOptions {
  /** Milliseconds; the default is 20 s. */
  readonly timeoutMs?: number
  readonly input?: string
  /** A file of this machine that the command reads on its standard input, whatever its size. */
  readonly inputFile?: string
  /** False: a command that fails is a result, not an error. */
  readonly reject?: boolean
}

/** A machine of a cluster. */
export interface ClusterNode {
  /** Name of the machine, of its container and of its Node object. */
  readonly name: string
  readonly roles: readonly Role[]
  /** Runs a command on the node, without a shell. @throws {CommandError} where it fails, unless `reject` is false */
  exec(command: readonly [string, ...string[]], options?: ExecOptions): Promise<RunResult>
  /** Starts a command that runs long; its lines are handed on as they come. Ending the handle may leave it running. */
  stream(command: readonly [string, ...string[]], onLine: (line: string) => void): StreamHandle
  /** Switches it on and returns when its init runs. */
  start(): Promise<void>
  /** Cuts its power: SIGKILL to every process, nothing is written out. It stays off. */
  kill(): Promise<void>
  /** Shuts it down in order: it stays off. */
  stop(): Promise<void>
  running(): Promise<boolean>
  bootEvidence(): Promise<BootEvidence>
}

/** Whether the machine started anew between the two. */
export function rebooted(before: BootEvidence, after: BootEvidence): boolean {
  return after.startedAt !== before.startedAt
}
