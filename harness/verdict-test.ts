import { expect, type TestContext } from 'vitest'

import { asExpected, type Verdict } from './verdict.ts'

declare module 'vitest' {
  interface TaskMeta {
    verdict?: Verdict
    /** How long its cluster had to wait for its place on the host, in milliseconds; that is in the test's duration as well. */
    waitedMs?: number
  }
}

/** Makes the verdict the test's own: for the reporters, and as its outcome. The test fails where it is not as declared. */
export function conclude(verdict: Verdict, task: TestContext['task'], skip: TestContext['skip']): void {
  task.meta.verdict = verdict
  skip(verdict.outcome === 'skipped', verdict.reason)
  expect.soft(asExpected(verdict), explain(verdict)).toBe(true)
}

function explain({ scenario: name, outcome, expected, diagnosis, reason }: Verdict): string {
  const wanted = expected === null ? 'conforms' : `${expected.outcome} ${expected.diagnosis}`
  const cause = diagnosis === null ? '' : `\n${diagnosis.code}: ${diagnosis.summary}`
  return `${name}: ${outcome}, expected ${wanted}${cause}\n${reason}`
}
