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
import { claimOutput, forgetRun } from './run-record.ts'
import { closingLine, noTests, type TestCounts, writeCounts } from './test-counts.ts'
import { progressLine, verdictLine } from './verdict-line.ts'
import { addVerdict } from './verdicts-file.ts'

/** What the verdicts' own lines are too little for. */
interface Failure {
  readonly test: string
  readonly errors: readonly unknown[]
}

/**
 * Shows a line a verdict and a line a file of unit tests, and writes each verdict into `verdicts.json` at once.
 * What failed without a verdict is shown with its error at the end.
 */
export default class VerdictsReporter implements Reporter {
  readonly #run: Run = currentRun()
  readonly #failures: Failure[] = []
  #vitest: Vitest | undefined
  #byHand = false
  #counts: TestCounts = noTests

  onInit(vitest: Vitest): void {
    this.#vitest = vitest
    endWithParent()
    const environment = runEnvironment(this.#run)
    this.#byHand = Object.keys(environment).some((name) => process.env[name] === undefined)
    // Started by hand and not by the command line: the workers must make it one run all the same.
    if (this.#byHand) Object.assign(process.env, environment)
  }

  async onTestRunStart(specifications: readonly TestSpecification[]): Promise<void> {
    if (!this.#byHand || specifications.every(({ project }) => isUnit(project))) return
    const { id } = this.#run
    process.once('exit', () => forgetRun(id))
    await claimOutput(this.#run)
  }

  onTestModuleStart(module: TestModule): void {
    if (!isUnit(module.project)) say(progressLine(`begins    ${module.relativeModuleId}`))
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    this.#count(result.state)
    const { verdict } = test.meta()
    if (verdict !== undefined) {
      addVerdict(this.#run, verdict)
      say(verdictLine(verdict, test.diagnostic()?.duration ?? 0))
    } else if (result.state === 'failed') {
      this.#fail(`${test.module.relativeModuleId} > ${test.fullName}`, result.errors)
    }
  }

  onTestModuleEnd(module: TestModule): void {
    const errors = [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())]
    if (errors.length > 0) {
      this.#count('failed')
      this.#fail(module.relativeModuleId, errors)
    }
    if (isUnit(module.project)) {
      const tests = [...module.children.allTests()]
      const failed = tests.filter((test) => test.result().state === 'failed').length + errors.length
      const state = failed === 0 ? 'passed' : 'failed'
      const howMany = failed === 0 ? `${tests.length} tests` : `${failed} of ${tests.length} tests`
      const { duration } = module.diagnostic()
      say(progressLine(`${state.padEnd(8)}  ${module.relativeModuleId}  ${howMany}, ${Math.round(duration)} ms`))
    }
    this.#writeCounts()
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    process.stdout.write(content)
  }

  onTestRunEnd(_modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) {
      this.#count('failed')
      this.#fail('outside of any test', [error])
    }
    this.#writeCounts()
    for (const { test, errors } of this.#failures) {
      say(`\nfailed: ${test}`)
      for (const error of errors) this.#vitest?.logger.printError(error, { fullStack: this.#run.debug })
    }
    if (this.#byHand) say(`\n${closingLine(this.#counts)}`)
  }

  #fail(test: string, errors: readonly unknown[]): void {
    this.#failures.push({ test, errors })
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
  if (process.channel === undefined) return
  process.channel.unref()
  process.once('disconnect', () => {
    // Its own group, which the command line made for it: vitest, its workers and what these have started.
    process.kill(-process.pid, 'SIGTERM')
  })
}

function isUnit(project: TestProject): boolean {
  return project.name === 'unit'
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
