import { type Paint, plain } from './paint.ts'
import { type RunEvent, unitProject } from './run-events.ts'
import { progressLine, verdictLine, wordLine } from './verdict-line.ts'

/** An event in words, for a reader who sees nothing else; null: it needs none. */
export function eventText(event: RunEvent, at = new Date(), paint: Paint = plain): string | null {
  switch (event.kind) {
    case 'file begins':
      return event.project === unitProject ? null : wordLine('begins', event.file, at)
    case 'verdict':
      return verdictLine(event.verdict, event.tookMs, at, paint)
    case 'file ends': {
      if (event.project !== unitProject) return null
      const { file, passed, failed, tookMs } = event
      const state = failed === 0 ? 'passed' : 'failed'
      const howMany = failed === 0 ? `${passed} tests` : `${failed} of ${passed + failed} tests`
      return progressLine(`${state}  ${file}  ${howMany}, ${Math.round(tookMs)} ms`, at)
    }
    case 'failed': {
      const { file, test, errors } = event
      const where = [file, test].filter((name) => name !== '').join(' > ') || 'outside of any test'
      return `\n${paint('red', 'failed')}: ${where}\n${errors.trimEnd()}\n`
    }
    default:
      return null
  }
}
