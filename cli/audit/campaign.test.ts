import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { newRun } from '../../harness/run.ts'
import { sampleVerdict } from '../../reports/sample-verdict.ts'
import { addVerdict, beginVerdicts } from '../../reports/verdicts-file.ts'
import { asDeclared, isClear, sweptIn } from './campaign.ts'
import { gone } from './side-by-side.ts'
import { isNode } from './started-run.ts'

describe('asDeclared', () => {
  const verdicts = (...outcomes: ('conforms' | 'violates')[]) => {
    const run = newRun({ out: mkdtempSync(path.join(tmpdir(), 'clusterproof-declared-')) })
    onTestFinished(() => rmSync(run.out, { recursive: true }))
    beginVerdicts(run)
    for (const outcome of outcomes) addVerdict(run, sampleVerdict({ outcome, expected: null }))
    return run
  }

  it('is content with verdicts as they should be', () => {
    expect(asDeclared(verdicts('conforms'), 0)).toEqual([])
  })

  it('names a verdict that is not as declared, and the exit code', () => {
    expect(asDeclared(verdicts('conforms', 'violates'), 1)).toEqual([
      expect.stringContaining('came to violates'),
      'exit code 1',
    ])
  })

  it('is not content with no verdict, or with those of another run', () => {
    expect(asDeclared(verdicts(), 0)).toEqual(['it came to no verdict (exit code 0)'])
    expect(asDeclared({ ...verdicts('conforms'), id: 'another0' }, 0)).toEqual(['it left no verdicts (exit code 0)'])
    expect(asDeclared({ out: '/nowhere', id: null }, null)).toEqual(['it left no verdicts (exit code null)'])
  })
})

it('counts what a sweep says that it removes', () => {
  expect(sweptIn('removing container a (run x)\nremoving network b (run x)\n')).toBe(2)
  expect(sweptIn('nothing to sweep\n')).toBe(0)
})

it('tells a message for the user from a crash', () => {
  expect(isClear(0, '')).toBe(true)
  expect(isClear(3, 'error: there is no run\n  what to do: run one\n')).toBe(true)
  expect(isClear(1, 'TypeError: x\n    at report.ts:1\n')).toBe(false)
  expect(isClear(1, 'error: x\n    at report.ts:1\n')).toBe(false)
  expect(isClear(1, '')).toBe(false)
})

it('names what a living run has no longer', () => {
  const [before, after] = [
    ['container a', 'network n'],
    ['network n', 'container b'],
  ]
  expect(gone(before, after, 'fault')).toEqual(['container a of a living run is gone after a sweep'])
  expect(gone(before, after, 'teardown')).toEqual([])
})

it('knows a process of Node.js by its program', () => {
  expect(isNode({ command: '/opt/node/bin/node vitest.mjs' })).toBe(true)
  expect(isNode({ command: 'docker events node' })).toBe(false)
})
