import { execa } from 'execa'

import { formatDuration } from './duration.ts'

export interface RunOptions {
  /** Milliseconds after which the process and its children are ended and `run` throws. Without it there is no limit. */
  readonly timeoutMs?: number | undefined
  /** What the process reads on its standard input; without it the input is empty. */
  readonly input?: string | Uint8Array | undefined
  /** A file that it reads there instead, passed on as it is read: of any size. */
  readonly inputFile?: string | undefined
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly cwd?: string | URL | undefined
  /** `false`: an exit code other than 0 is a result and no error. A time-out or a failed start still throws. */
  readonly reject?: boolean | undefined
  /** Ends the process; `run` then throws. */
  readonly signal?: AbortSignal | undefined
}

export interface RunResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
  /** Milliseconds. */
  readonly durationMs: number
}

/** The type of `run`, for those who take it as a parameter. */
export type Run = (file: string, args: readonly string[], options?: RunOptions) => Promise<RunResult>

interface CommandErrorDetails {
  readonly command: string
  readonly outcome: string
  readonly exitCode: number | undefined
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string
  readonly cause: unknown
}

/** A process that did not start, did not end in time, or ended with an exit code other than 0. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** The file and its arguments, quoted. */
  readonly command: string
  /** Absent where the process did not start or was ended by a signal. */
  readonly exitCode: number | undefined
  readonly timedOut: boolean
  readonly stdout: string
  readonly stderr: string

  constructor({ command, outcome, exitCode, timedOut, stdout, stderr, cause }: CommandErrorDetails) {
    const said = lastLines(stderr.trim() === '' ? stdout : stderr)
    super([`${shorten(command)}: ${outcome}`, ...said.map((line) => `  ${line}`)].join('\n'), { cause })
    this.command = command
    this.exitCode = exitCode
    this.timedOut = timedOut
    this.stdout = stdout
    this.stderr = stderr
  }
}

/**
 * Runs a process to its end, without a shell. The one way to run a process that ends by itself.
 * @throws {CommandError}
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { reject = true } = options
  const result = await execa(file, args, { ...execaOptions(options), ...inputOptions(options) })
  const { stdout, stderr, exitCode, durationMs } = result
  if (exitCode === undefined || result.timedOut || result.isCanceled || (reject && exitCode !== 0)) {
    throw failure(result, { stdout, stderr, limitMs: options.timeoutMs })
  }
  return { stdout, stderr, exitCode, durationMs }
}

export interface StreamOptions extends Pick<RunOptions, 'env' | 'cwd' | 'signal' | 'timeoutMs'> {
  /** Called once a line, without its newline, in the order of each source. An error thrown here ends the process. */
  readonly onLine: (line: string, source: 'stdout' | 'stderr') => void
}

export interface StreamHandle {
  /**
   * Resolves when the process has ended well, or was ended by `kill` or the signal.
   * Rejects with a `CommandError` otherwise, or with what `onLine` threw; nobody has to wait for it.
   */
  readonly done: Promise<void>
  kill(): void
}

/** Starts a process, without a shell, whose lines are handed on as they come: for one that runs long or for ever. */
export function stream(file: string, args: readonly string[], options: StreamOptions): StreamHandle {
  const lastSaid: string[] = []
  let readerFailure: { readonly error: unknown } | undefined
  const reader = (source: 'stdout' | 'stderr') =>
    // A transform that yields nothing, so that the lines are not kept.
    function* (line: unknown): Generator<never> {
      const text = String(line)
      lastSaid.push(text)
      if (lastSaid.length > shownLines) lastSaid.shift()
      try {
        options.onLine(text, source)
      } catch (error) {
        readerFailure ??= { error }
        subprocess.kill()
      }
      yield* []
    }
  const subprocess = execa(file, args, {
    ...execaOptions(options),
    stdin: 'ignore',
    stdout: reader('stdout'),
    stderr: reader('stderr'),
    buffer: false,
  })
  let killed = false
  const end = async () => {
    const result = await subprocess
    if (readerFailure !== undefined) throw readerFailure.error
    if (!result.failed || killed || result.isCanceled) return
    throw failure(result, { stdout: '', stderr: lastSaid.join('\n'), limitMs: options.timeoutMs })
  }
  const done = end()
  done.catch(() => {})
  return {
    done,
    kill() {
      killed = true
      subprocess.kill()
    },
  }
}

/** How many of the last lines a failure shows. */
const shownLines = 10

/** What a process may still do after SIGTERM before SIGKILL follows, in milliseconds. */
const killGraceMs = 5_000

function execaOptions({ timeoutMs, env, cwd, signal }: Pick<RunOptions, 'timeoutMs' | 'env' | 'cwd' | 'signal'>) {
  return {
    reject: false,
    killDescendants: true,
    forceKillAfterDelay: killGraceMs,
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    ...(env !== undefined && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(signal !== undefined && { cancelSignal: signal }),
  } as const
}

function inputOptions({ input, inputFile }: Pick<RunOptions, 'input' | 'inputFile'>) {
  if (inputFile !== undefined) return { inputFile }
  return input === undefined ? { stdin: 'ignore' as const } : { input }
}

interface Ended {
  readonly escapedCommand: string
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  readonly code?: string | undefined
  readonly timedOut: boolean
  readonly isCanceled: boolean
  readonly durationMs: number
  readonly cause?: unknown
  readonly originalMessage?: string | undefined
}

function failure(
  result: Ended,
  { stdout, stderr, limitMs }: { stdout: string; stderr: string; limitMs: number | undefined },
): CommandError {
  return new CommandError({
    command: result.escapedCommand,
    outcome: outcomeOf(result, limitMs),
    exitCode: result.exitCode,
    timedOut: result.timedOut,
    stdout,
    stderr,
    cause: result.cause ?? result,
  })
}

function outcomeOf(result: Ended, limitMs: number | undefined): string {
  const after = `after ${formatDuration(result.durationMs)}`
  if (result.timedOut) return `no end within ${formatDuration(limitMs ?? result.durationMs)}, so it was ended`
  if (result.isCanceled) return `cancelled ${after}`
  if (result.code === 'ENOENT') return 'there is no such program (or no such working directory)'
  if (result.exitCode !== undefined) return `exit code ${result.exitCode} ${after}`
  if (result.signal !== undefined) return `ended by ${result.signal} ${after}`
  return `did not run: ${result.originalMessage ?? 'for an unknown reason'}`
}

function lastLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.slice(-shownLines)
}

function shorten(command: string): string {
  const limit = 300
  return command.length <= limit ? command : `${command.slice(0, limit)}…`
}
