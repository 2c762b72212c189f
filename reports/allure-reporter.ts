import path from 'node:path'

import AllureVitestReporter from 'allure-vitest/reporter'
import type { TestModule, Vitest } from 'vitest/node'

import { currentRun } from '../harness/run.ts'
import { allureMessages } from './allure-messages.ts'

/** Allure's own reporter, for scenarios alone and with what their verdicts say. */
export default class ScenarioAllureReporter extends AllureVitestReporter {
  #onlyUnits = false

  constructor() {
    super({ resultsDir: path.join(currentRun().out, 'allure-results'), reportMatchers: false })
  }

  override onInit(vitest: Vitest): void {
    this.#onlyUnits = vitest.projects.every(({ name }) => name === 'unit')
    // It would put its runner into the unit tests and make their results part of the report.
    if (!this.#onlyUnits) super.onInit(vitest)
  }

  override onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#onlyUnits) return
    const scenarios = modules.filter(({ project }) => project.name !== 'unit')
    for (const test of scenarios.flatMap((module) => [...module.children.allTests()])) {
      const meta: { verdict?: Parameters<typeof allureMessages>[0]; allureRuntimeMessages?: unknown[] } = test.meta()
      if (meta.verdict === undefined) continue
      meta.allureRuntimeMessages = [...(meta.allureRuntimeMessages ?? []), ...allureMessages(meta.verdict)]
    }
    super.onTestRunEnd(scenarios)
  }
}
