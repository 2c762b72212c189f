import { expect, it } from 'vitest'

import { eventText } from './run-event-text.ts'
import type { RunEvent } from './run-events.ts'
import { sampleVerdict } from './sample-verdict.ts'

const at = new Date(2026, 0, 1, 12, 3, 11)
const scenario = { file: 'suites/recovery/power-cut.suite.ts', project: 'scenarios' }
const unit = { file: 'cli/a.test.ts', project: 'unit' }

it.each<[RunEvent, string | null]>([
  [{ kind: 'run begins', files: 3, units: false }, null],
  [{ kind: 'file begins', ...scenario }, '12:03:11  begins               suites/recovery/power-cut.suite.ts'],
  [{ kind: 'file begins', ...unit }, null],
  [{ kind: 'test begins', ...scenario, test: 'recovery.power-cut' }, null],
  [
    { kind: 'verdict', ...scenario, test: 'a', verdict: sampleVerdict(), tookMs: 84_700 },
    '12:03:11  conforms             recovery.power-cut                    kind  84.7 s',
  ],
  [{ kind: 'file ends', ...scenario, passed: 1, failed: 0, tookMs: 1 }, null],
  [
    { kind: 'file ends', ...unit, passed: 7, failed: 0, tookMs: 39.6 },
    '12:03:11  passed  cli/a.test.ts  7 tests, 40 ms',
  ],
  [
    { kind: 'file ends', ...unit, passed: 6, failed: 1, tookMs: 39.6 },
    '12:03:11  failed  cli/a.test.ts  1 of 7 tests, 40 ms',
  ],
  [{ kind: 'failed', ...unit, test: 'adds', errors: 'Error: 1\n' }, '\nfailed: cli/a.test.ts > adds\nError: 1\n'],
  [{ kind: 'failed', ...unit, test: '', errors: 'Error: 1\n' }, '\nfailed: cli/a.test.ts\nError: 1\n'],
  [{ kind: 'failed', file: '', project: '', test: '', errors: 'x' }, '\nfailed: outside of any test\nx\n'],
])('says %j', (event, text) => {
  expect(eventText(event, at)).toBe(text)
})
