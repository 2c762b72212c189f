import type { Run } from '../harness/run.ts'
import type { Verdicts } from '../harness/verdict.ts'
import { leftFiles } from './conclusion.ts'
import { type Ending, endingText } from './ending.ts'
import { formatsOf } from './formats.ts'
import type { RunDisplay } from './run-display.ts'

interface Concluded extends Pick<Ending, 'details' | 'repeat'> {
  readonly run: Run
  readonly document: Verdicts
}

/** Writes the verdicts for other programs, and says what the run came to and what it has left. */
export async function sayEnding(display: RunDisplay, { run, document, details, repeat }: Concluded): Promise<void> {
  const { verdicts } = document
  const formats = await formatsOf(document, run.out, (text) => display.complain(text))
  const { paint, logFile: log } = display
  const tookMs = run.clock.now()
  display.say(`\n${endingText({ run, verdicts, details, tookMs, repeat, formats, log, paint, ...leftFiles(run) })}`)
}
