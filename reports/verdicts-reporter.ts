import { Console } from 'node:console'
import { Writable } from 'node:stream'

import type {
  Reporter,
  SerializedError,
  TestCase,
  TestModule,
  TestProject,
  TestSpecification,
  Vitest,
} from 'vitest/node'
import type { UserConsoleLog } from 'vitest'

import { currentRun, type Run, runEnvironment } from '../harness/run.ts'
import { asExpected } from '../harness/verdict.ts'
import { claimOutput, forgetRun } from './run-record.ts'
import { type RunEvent, unitProject } from './run-events.ts'
import { eventText } from './run-event-text.ts'
import { closingLine, noTests, type TestCounts, writeCounts } from './test-counts.ts'
import { addVerdict } from './verdicts-file.ts'

/**
 * Writes each verdict into `verdicts.json` at once, and tells the command line what happens, which shows it. Started by
 * hand it shows it by itself: a line a verdict, a line a file of unit tests, and the errors of what failed without a
 * verdict.
 */
export default class VerdictsReporter implements Reporter {
  readonly #run: Run = currentRun()
  #vitest: Vitest | undefined
  #byHand = false
  #counts: TestCounts = noTests
  /** Whether all that was told has left this process. */
  #told: Promise<void> = Promise.resolve()

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    endWithParent()
    const environment = runEnvironment(this.#run)
    this.#byHand = Object.keys(environment).some((name) => process.env[name] === undefined)
    // Started by hand and not by the command line: the workers must make it one run all the same.
    if (this.#byHand) Object.assign(process.env, environment)
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    const units = specifications.every(({ project }) => isUnit(project))
    this.#tell({ kind: 'run begins', files: specifications.length, units })
    if (!this.#byHand || units) return
    const { id } = this.#run
    process.once('exit', () => forgetRun(id))
    await claimOutput(this.#run)
  }

  onTestModuleStart(module: TestModule): void {
    this.#tell({ kind: 'file begins', ...fileOf(module) })
  }

  onTestCaseReady(test: TestCase): void {
    if (!isUnit(test.project)) this.#tell({ kind: 'test begins', ...fileOf(test.module), test: test.fullName })
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    this.#count(result.state)
    const { verdict } = test.meta()
    const where = { ...fileOf(test.module), test: test.fullName }
    if (verdict !== undefined) {
      const added = addVerdict(this.#run, verdict)
      this.#tell({ kind: 'verdict', ...where, verdict: added, tookMs: durationOf(test) })
    }
    // With a verdict as it should be, something else failed, such as the undoing of a sabotage.
    if (result.state === 'failed' && (verdict === undefined || asExpected(verdict))) {
      this.#tell({ kind: 'failed', ...where, errors: this.#printed(result.errors) })
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())]
    if (errors.length > 0) {
      this.#count('failed')
      this.#tell({ kind: 'failed', ...fileOf(module), test: '', errors: this.#printed(errors) })
    }
    const tests = [...module.children.allTests()]
    const states = tests.map((test) => test.result().state)
    const passed = states.filter((state) => state === 'passed').length
    const failed = states.filter((state) => state === 'failed').length + errors.length
    const waited = tests.reduce((sum, test) => sum + waitedMs(test), 0)
    const tookMs = Math.max(0, module.diagnostic().duration - waited)
    this.#tell({ kind: 'file ends', ...fileOf(module), passed, failed, tookMs })
    this.#writeCounts()
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    process.stdout.write(content)
  }

  async onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): Promise<void> {
    if (unhandled.length > 0) {
      for (const _ of unhandled) this.#count('failed')
      this.#tell({ kind: 'failed', file: '', project: '', test: '', errors: this.#printed(unhandled) })
    }
    this.#writeCounts()
    if (this.#byHand) process.stdout.write(`\n${closingLine(this.#counts)}\n`)
    // vitest ends the process without a look at what is still to be sent.
    await this.#told
  }

  #tell(event: RunEvent): void {
    if (this.#byHand || process.send === undefined) {
      const text = eventText(event)
      if (text !== null) process.stdout.write(`${text}\n`)
      return
    }
    // Where the command line is gone there is nobody to tell: `endWithParent` sees to it.
    this.#told = new Promise((resolve) => process.send?.(event, undefined, undefined, () => resolve()))
  }

  /** As vitest prints them: with the difference of what was expected, and where in the source. */
  #printed(errors: readonly unknown[]): string {
    const logger = this.#vitest?.logger
    if (logger === undefined) return errors.map(String).join('\n')
    let text = ''
    const write = (chunk: unknown, _: BufferEncoding, done: () => void) => {
      text += String(chunk)
      done()
    }
    const { console: usual } = logger
    logger.console = new Console(new Writable({ write }))
    try {
      for (const error of errors) logger.printError(error, { fullStack: this.#run.debug })
    } finally {
      logger.console = usual
    }
    return text
  }

  #writeCounts(): void {
    if (!this.#byHand) writeCounts(this.#run.workDirectory, this.#counts)
  }

  #count(state: 'passed' | 'failed' | 'skipped' | 'pending'): void {
    if (state === 'pending') return
    this.#counts = { ...this.#counts, [state]: this.#counts[state] + 1 }
  }
}

/** The command line is gone without a word (SIGKILL): what it started must not go on with nobody to clean up. */
function endWithParent(): void {
  if (process.connected) {
    process.channel?.unref()
    process.once('disconnect', endGroup)
  }
  // It was gone before vitest had come this far. Without a command line there never was a channel: undefined.
  else if (process.connected === false) endGroup()
}

/** The group that the command line made for it: vitest and its workers, which end what they have started. */
function endGroup(): void {
  process.kill(-process.pid, 'SIGTERM')
}

function isUnit(project: TestProject): boolean {
  return project.name === unitProject
}

/** Without what its cluster had to wait for its place on the host, in milliseconds. */
function durationOf(test: TestCase): number {
  return Math.max(0, (test.diagnostic()?.duration ?? 0) - waitedMs(test))
}

function waitedMs(test: TestCase): number {
  return test.meta().waitedMs ?? 0
}

function fileOf(module: TestModule): { file: string; project: string } {
  return { file: module.relativeModuleId, project: module.project.name }
}
