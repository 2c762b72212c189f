import type { Reporter, TestCase } from 'vitest/node'

export default class VerdictsReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    console.log(test.fullName, JSON.stringify(test.meta().verdict ?? null, null, 1), test.result().errors?.map((e) => e.stack))
  }
}
