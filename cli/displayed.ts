import path from 'node:path'

import type { Run } from '../harness/run.ts'
import { formatError } from '../harness/user-error.ts'
import { RunLog, runLogPath } from '../reports/run-log.ts'
import { isLive, RunDisplay } from './run-display.ts'
import { session, type SessionEnd } from './session.ts'

export interface DisplayedOptions {
  /** Whether the run writes `verdicts.json` into its output directory, which only one may do at a time. */
  readonly writesVerdicts: boolean
  readonly tty: boolean
  /** How many verdicts the run should come to; null: nobody knows. */
  readonly wanted: number | null
}

export interface DisplayedRun<T> {
  /** What goes on while the view is shown. */
  work(display: RunDisplay, interrupted: AbortSignal): Promise<T>
  /** Says what came of it, once the view and the clusters are gone. Returns the exit code. */
  conclude(end: SessionEnd<T>, display: RunDisplay): Promise<number>
}

/** A session with its display and its log. Returns the exit code. */
export async function displayed<T>(
  run: Run,
  { writesVerdicts, tty, wanted }: DisplayedOptions,
  { work, conclude }: DisplayedRun<T>,
): Promise<number> {
  // Another run may write verdicts here at the same time: its log is not to be touched before it is known to be gone.
  let log: RunLog | undefined
  let display: RunDisplay | undefined
  const complain = (text: string) => (display === undefined ? console.error(text) : display.complain(text))
  try {
    const end = await session(run, { writesVerdicts, complain }, async (interrupted) => {
      log = new RunLog(writesVerdicts ? runLogPath(run.out) : path.join(run.out, `unit-${run.id}.log`))
      display = new RunDisplay(run, log, { live: isLive(process.stdout, tty), wanted })
      try {
        return await work(display, interrupted)
      } finally {
        display.endView()
      }
    })
    // Where the session was interrupted before its work began there is nothing to say.
    return display === undefined ? (end.interruption?.exitCode ?? 3) : await conclude(end, display)
  } catch (error) {
    log?.say('run', formatError(error, { debug: true }))
    throw error
  } finally {
    display?.[Symbol.dispose]()
    log?.[Symbol.dispose]()
  }
}
