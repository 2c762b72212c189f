import type { Run } from '../harness/run.ts'
import { formatError } from '../harness/user-error.ts'
import { claimOutput, recordRun } from '../reports/run-record.ts'
import { removeLabelled, removeTraces } from './remove-run.ts'

/** The signals that end a run in order, and the exit code that stands for each: 128 and the signal's number. */
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type EndingSignal = keyof typeof signals

/** A run that was told to end. */
export interface Interruption {
  readonly signal: EndingSignal
  readonly exitCode: number
}

export interface SessionOptions {
  /** Whether the run writes `verdicts.json` into its output directory, which only one may do at a time. */
  readonly writesVerdicts: boolean
  /** Where it says that it is being ended; default: the process' own stderr. */
  readonly complain?: (text: string) => void
}

/** What came of a session; `value` is null where it was interrupted before there was one. */
export interface SessionEnd<T> {
  readonly value: T | null
  readonly interruption: Interruption | null
}

/** npm passes on a Ctrl-C that the terminal has sent here already: a second one this soon is the same one. */
const echoMs = 1_500

/**
 * Does the work of a run. However it ends - well, with an error, or by SIGINT, SIGTERM or SIGHUP - nothing that is
 * labelled with the run's id is left, unless the run keeps its clusters. The work must end when the signal aborts.
 */
export async function session<T>(
  run: Run,
  { writesVerdicts, complain = (text) => console.error(text) }: SessionOptions,
  work: (interrupted: AbortSignal) => Promise<T>,
): Promise<SessionEnd<T>> {
  if (writesVerdicts) await claimOutput(run)
  else await recordRun(run, null)
  const interrupted = new AbortController()
  let interruption: Interruption | null = null
  let interruptedAt = 0
  const interrupt = (signal: EndingSignal) => {
    if (interruption === null) {
      interruption = { signal, exitCode: signals[signal] }
      interruptedAt = Date.now()
      complain(`\n${signal}: ending the run${run.keep ? '' : ' and removing its clusters'} …`)
      interrupted.abort(new Error(`ended by ${signal}`))
    } else if (Date.now() - interruptedAt > echoMs) {
      complain(`${signal} again: ending at once. \`npm run sweep\` removes what is left.`)
      process.exit(signals[signal])
    }
  }
  const names = Object.keys(signals) as EndingSignal[]
  for (const name of names) process.on(name, interrupt)
  try {
    const value = await work(interrupted.signal).catch((error: unknown) => {
      if (interruption === null) throw error
      return null
    })
    return { value, interruption }
  } finally {
    await cleanUp(run, complain)
    for (const name of names) process.off(name, interrupt)
  }
}

/** A run that keeps its clusters keeps its record too: `npm run sweep` finds them by it. */
async function cleanUp(run: Run, complain: (text: string) => void): Promise<void> {
  if (run.keep) return
  try {
    await removeLabelled(run.id)
    removeTraces(run)
  } catch (error) {
    complain(formatError(error, { debug: run.debug }))
    complain('`npm run sweep` removes what is left.')
  }
}
