import path from 'node:path'

import { createLogUpdate } from 'log-update'

import type { JournalSource } from '../harness/journal.ts'
import type { Run } from '../harness/run.ts'
import { asExpected } from '../harness/verdict.ts'
import { cut } from '../reports/columns.ts'
import { JournalTail } from '../reports/journal-tail.ts'
import { frame } from '../reports/live-view-frame.ts'
import { ProgressLines } from '../reports/live-view-progress.ts'
import { beginRun, type RunState, type Tally, takeEvent, takeRecord } from '../reports/live-view-state.ts'
import { coloured, type Paint, plain } from '../reports/paint.ts'
import { eventText } from '../reports/run-event-text.ts'
import { type RunEvent, unitProject } from '../reports/run-events.ts'
import type { RunLog } from '../reports/run-log.ts'
import { wordLine } from '../reports/verdict-line.ts'
import { shownPath } from './command.ts'
import { verdictDetails } from './verdict-details.ts'
import type { VitestListener } from './vitest-process.ts'

/** A test that failed, whether or not it came to a verdict. */
export interface FailedTest {
  readonly file: string
  readonly project: string
  /** Empty: the file as a whole failed. */
  readonly test: string
  /** Of the verdict; null: there was none. */
  readonly scenario: string | null
}

/** Whether a live view can be shown, and is wanted: a log of CI and a terminal without colours take plain lines. */
export function isLive(
  { isTTY }: { readonly isTTY?: boolean },
  wanted: boolean,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  const isSet = (name: string) => !['', '0', 'false'].includes(env[name] ?? '')
  return wanted && isTTY === true && !isSet('CI') && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

/** What the view is made of; the rest of a journal says what the cluster does. */
const followed: JournalSource[] = ['cluster', 'scenario', 'fault', 'probe', 'expectation', 'traffic']

/** Some frames a second: what moves is seen to move, and the processors are the clusters'. */
const frameMs = 400

/** Without a view nobody looks at tenths of a second. */
const plainMs = 1_000

/**
 * What the user sees while a run goes on: a live view with the lines of what is over above it, or these lines alone.
 * Everything is in the log as well, with what vitest and its workers print.
 */
export class RunDisplay implements VitestListener, Disposable {
  readonly paint: Paint
  readonly logFile: string
  readonly failedTests: FailedTest[] = []
  readonly #run: Pick<Run, 'clock'>
  readonly #log: RunLog
  #view: ReturnType<typeof createLogUpdate> | null
  readonly #tail: JournalTail
  readonly #progress = new ProgressLines()
  readonly #timer: NodeJS.Timeout
  #isStopped = false
  /** What is shown above the view with the next frame. */
  #lines: string[] = []
  #errorLines: string[] = []
  #state: RunState
  /** The last frame. */
  #drawn = { text: '', size: '' }

  constructor(
    run: Pick<Run, 'id' | 'out' | 'clock'>,
    log: RunLog,
    { live, wanted }: { readonly live: boolean; readonly wanted: number | null },
  ) {
    this.#run = run
    this.#log = log
    this.logFile = log.file
    this.paint = live ? coloured : plain
    this.#state = beginRun(run.id, wanted)
    this.#tail = new JournalTail(path.join(run.out, 'journal'), run.id, followed)
    this.#view = live ? createLogUpdate(process.stdout) : null
    // A terminal that was closed takes nothing any more: that must not keep the clusters from being removed.
    for (const stream of streams) stream.on('error', ignore)
    process.once('exit', this.#stop)
    this.#timer = setInterval(() => this.#tick(), live ? frameMs : plainMs)
    this.#timer.unref()
  }

  /** For the user. */
  say(text: string): void {
    this.#log.say('run', text)
    this.#show(text)
  }

  /** For the user, of what went wrong. */
  complain(text: string): void {
    this.#log.say('run', text)
    if (this.#view === null) process.stderr.write(`${text}\n`)
    else this.#lines.push(text)
  }

  /** What has come of the run so far. */
  get tally(): Tally {
    return this.#state.tally
  }

  output(stream: 'out' | 'err', text: string): void {
    this.#log.write(stream, text)
    if (stream === 'err') this.#errorLines = [...this.#errorLines, ...text.split('\n')].slice(-errorLinesKept)
  }

  event(event: RunEvent): void {
    // What a journal says of a scenario comes before its verdict.
    this.#follow()
    this.#state = takeEvent(this.#state, event, this.#run.clock.now())
    if (event.kind === 'failed' || (event.kind === 'verdict' && !asExpected(event.verdict))) {
      const { file, project, test } = event
      const scenario = event.kind === 'verdict' ? event.verdict.scenario : null
      this.failedTests.push({ file, project, test, scenario })
    }
    const at = new Date()
    const text = eventText(event, at)
    if (text !== null) this.#log.say('run', text)
    if (event.kind === 'verdict') {
      const details = verdictDetails([event.verdict])
      if (details !== '') this.#log.say('run', details)
    }
    const shown = this.#isShown(event) ? eventText(event, at, this.paint) : null
    if (shown === null) return
    if (event.kind === 'verdict') this.#showEvent(shown)
    else this.#show(shown)
  }

  /** What vitest and its workers last complained about, in lines below each other; empty: about nothing. */
  lastWords(): string {
    const lines = this.#errorLines.filter((line) => line.trim() !== '')
    return lines.length === 0
      ? ''
      : [`\nvitest's last words (all of them: ${shownPath(this.logFile)}):`, ...lines].join('\n  ')
  }

  /** Ends the view; the lines that were shown above it stay, and what is said from now on stands below them. */
  endView(): void {
    if (!this.#isStopped) this.#tick()
    this.#stop()
  }

  [Symbol.dispose](): void {
    this.#stop()
    process.off('exit', this.#stop)
  }

  /** The view shows what has begun, and a line a file of unit tests is too much for a reader whose tests pass. */
  #isShown(event: RunEvent): boolean {
    if (event.kind === 'file begins') return this.#view === null
    return event.kind !== 'file ends' || (event.project === unitProject && event.failed > 0)
  }

  #show(text: string): void {
    if (this.#view === null) process.stdout.write(`${text}\n`)
    else this.#lines.push(text)
  }

  /** Above the view the first line says it, and the rest is in the log and at the end: no line is broken. */
  #showEvent(text: string): void {
    const [first = '', ...rest] = text.split('\n')
    const columns = process.stdout.columns || 80
    this.#show(this.#view === null ? text : [first, ...rest.map((line) => cut(line, columns - 1))].join('\n'))
  }

  #tick(): void {
    const now = this.#run.clock.now()
    this.#follow()
    this.#tellProgress(this.#progress.waiting(this.#state.works, now))
    this.#draw(now)
  }

  #follow(): void {
    for (const { journal, records } of this.#tail.read()) {
      for (const record of records) {
        this.#state = takeRecord(this.#state, journal, record)
        const work = this.#state.works.get(journal)
        if (work !== undefined) this.#tellProgress(this.#progress.take(journal, record, work))
      }
    }
  }

  /** In the view it is seen; elsewhere it is a line. */
  #tellProgress(progress: ReturnType<ProgressLines['take']>): void {
    for (const { word, text } of progress) {
      const line = wordLine(word, text)
      this.#log.say('run', line)
      if (this.#view === null) process.stdout.write(`${line}\n`)
    }
  }

  #draw(now: number): void {
    if (this.#view === null) return
    const columns = process.stdout.columns || 80
    const rows = process.stdout.rows || 24
    const text = frame(this.#state, { columns, rows, now, paint: this.paint }).join('\n')
    const size = `${columns}×${rows}`
    if (this.#lines.length === 0 && text === this.#drawn.text && size === this.#drawn.size) return
    if (this.#lines.length > 0) this.#view.persist(this.#lines.join('\n'))
    this.#lines = []
    this.#view(text)
    this.#drawn = { text, size }
  }

  readonly #stop = (): void => {
    clearInterval(this.#timer)
    this.#isStopped = true
    if (this.#view === null) return
    const view = this.#view
    this.#view = null
    view.clear()
    if (this.#lines.length > 0) process.stdout.write(`${this.#lines.join('\n')}\n`)
    this.#lines = []
    view.done()
  }
}

const errorLinesKept = 20

const streams = [process.stdout, process.stderr]

const ignore = () => undefined
