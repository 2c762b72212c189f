import { type Run, runEnvironment } from '../harness/run.ts'
import { formatError } from '../harness/user-error.ts'
import { claimOutput, recordRun } from '../reports/run-record.ts'
import { EndingSignals, type Interruption } from './ending-signals.ts'
import { removeLabelled, removeTraces } from './remove-run.ts'

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
  const ending = `ending the run${run.keep ? '' : ' and removing its clusters'}`
  using signals = new EndingSignals({ ending, complain })
  using _ = inheritedBy(run)
  try {
    const value = await work(signals.interrupted).catch((error: unknown) => {
      if (signals.interruption === null) throw error
      return null
    })
    return { value, interruption: signals.interruption }
  } finally {
    await cleanUp(run, complain)
  }
}

/** Until it is disposed of, all that this process starts has the run in its environment: a sweep knows it by that. */
function inheritedBy(run: Run): Disposable {
  const before = { ...process.env }
  const own = runEnvironment(run)
  Object.assign(process.env, own)
  return {
    [Symbol.dispose]() {
      for (const name of Object.keys(own)) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    },
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
