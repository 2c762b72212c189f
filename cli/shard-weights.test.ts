import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { newRun } from '../harness/run.ts'
import { beginVerdicts, finishVerdicts } from '../reports/verdicts-file.ts'
import { suiteFiles } from './shard-files.ts'
import { formerWeights, knownWeights, renewedWeights, weigh } from './shard-weights.ts'

// It gives back what it is given, and brings all of vite with it.
vi.mock('vitest/config', () => ({ defineConfig: (config: unknown) => config }))

let out: string

beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'weights-'))
})
afterEach(() => {
  rmSync(out, { recursive: true })
})

describe('weights', () => {
  it('are those of a former run where it has any, over the committed ones', () => {
    const run = newRun({ out })
    beginVerdicts(run)
    finishVerdicts(run, new Date(), [{ file: 'suites/recovery/power-cut.suite.ts', tookMs: 42_500 }])
    expect(formerWeights(out)).toEqual({ 'suites/recovery/power-cut.suite.ts': 42.5 })
    expect(knownWeights(out)).toEqual({ ...knownWeights(null), 'suites/recovery/power-cut.suite.ts': 42.5 })
  })

  it('are renewed by a run, in whole seconds, and kept where it did not come', () => {
    const run = newRun({ out })
    beginVerdicts(run)
    finishVerdicts(run, new Date(), [
      { file: 'suites/recovery/power-cut.suite.ts', tookMs: 42_400 },
      { file: 'suites/new.suite.ts', tookMs: 30 },
    ])
    expect(renewedWeights(out)).toEqual({
      ...knownWeights(null),
      'suites/recovery/power-cut.suite.ts': 42,
      'suites/new.suite.ts': 1,
    })
  })

  it('are refused where a former run took no times, and where there was none', () => {
    expect(() => knownWeights(out)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/there is none/) }),
    )
    beginVerdicts(newRun({ out }))
    expect(() => knownWeights(out)).toThrow(/no times of suites/)
  })

  it('of a file that nobody knows are what is usual, which unit tests are no part of', () => {
    const weightOf = weigh({ unit: 900, a: 10, b: 30, c: 500 })
    expect([weightOf('a'), weightOf('new')]).toEqual([10, 30])
    expect(weigh({})('new')).toBe(1)
  })

  it('are committed for files that there are', async () => {
    const files = await suiteFiles(['scenarios', 'counter', 'slow-host'], 'sample')
    expect(files.map(({ file }) => file)).toEqual(
      expect.arrayContaining(Object.keys(knownWeights(null)).filter((file) => file !== 'unit')),
    )
  })
})
