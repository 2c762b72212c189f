import path from 'node:path'

import AllureVitestReporter from 'allure-vitest/reporter'
import type { RunnerTask } from 'vitest'
import type { TestModule, Vitest } from 'vitest/node'

import { currentRun, type Run } from '../../harness/run.ts'
import { asExpected, type Verdict } from '../../harness/verdict.ts'

/**
 * Leaves the results of a run for Allure.
 *
 * What has a verdict is written out of what the run has left (results.ts), and not by allure-vitest: so a run that came to
 * its end gives the same results as one that was killed, of which nothing but that is left, and as one that is merged with
 * others on another machine. The steps have the journal's times, and the ids are the same whenever it is done again.
 * allure-vitest writes what no journal knows of: a test that failed without a verdict, or for more than its verdict says,
 * and the errors of hooks.
 */
export default class ScenarioAllureReporter extends AllureVitestReporter {
  readonly #run: Run
  readonly #directory: string
  #onlyUnits = false

  constructor() {
    const run = currentRun()
    const directory = path.join(run.out, 'allure-results')
    super({ resultsDir: directory, reportMatchers: false })
    this.#run = run
    this.#directory = directory
  }

  override onInit(vitest: Vitest): void {
    this.#onlyUnits = vitest.projects.every(({ name }) => name === 'unit')
    // It would put its runner into the unit tests and make their results part of the report.
    if (!this.#onlyUnits) super.onInit(vitest)
  }

  override handleTask(task: RunnerTask): void {
    if (task.type !== 'test' || !saysItAll(task.meta.verdict, task.result?.state)) super.handleTask(task)
  }

  // Vitest waits for it.
  override async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    if (this.#onlyUnits) return
    const scenarios = modules.filter(({ project }) => project.name !== 'unit')
    super.onTestRunEnd(scenarios)
    const tests = scenarios.flatMap((module) => Array.from(module.children.allTests()))
    const verdicts = tests.flatMap((test) => test.meta().verdict ?? [])
    if (verdicts.length > 0) await this.#write(verdicts)
  }

  async #write(verdicts: readonly Verdict[]): Promise<void> {
    // What draws pictures takes a second to load, and unit tests have no use for it.
    const { verdictsAlone, writeAllureResults } = await import('./results.ts')
    const { readRun } = await import('../run-model.ts')
    try {
      const run = await readRun(this.#run.out)
      // Vitest is through with it: that it goes on is worth a word only of a scenario that has no verdict.
      const isWhole = run.scenarios.every(({ verdict }) => verdict !== null)
      await writeAllureResults(isWhole ? { ...run, lastWords: '' } : run, this.#directory)
    } catch (error) {
      process.stderr.write(`the Allure results have no steps and no pictures: ${String(error)}\n`)
      await writeAllureResults(verdictsAlone(this.#run, verdicts), this.#directory, { pictures: async () => [] })
    }
  }
}

/** Whether the verdict is all that there is to say of a test. */
function saysItAll(verdict: Verdict | undefined, state: string | undefined): boolean {
  if (verdict === undefined) return false
  // A test also fails after a verdict that is as declared: in the undoing of what a counter-test did.
  return state !== 'fail' || !asExpected(verdict)
}
