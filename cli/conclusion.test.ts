import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import {
  brokenBeside,
  declaredExitCode,
  leftFiles,
  repeatCommand,
  repeatTests,
  startExitCode,
  unexpected,
} from './conclusion.ts'

const well = { exitCode: 0, signal: null }
const red = { exitCode: 1, signal: null }
const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const

describe('startExitCode', () => {
  it('is 0 only where every verdict was reached and conforms', () => {
    expect(startExitCode([sampleVerdict()], 1, well)).toBe(0)
    expect(startExitCode([sampleVerdict()], 2, well)).toBe(3)
    expect(startExitCode([], 1, red)).toBe(3)
  })

  it('is 1 where something violates, also where that was expected or the rest was not reached', () => {
    expect(startExitCode([sampleViolation({ expected: declared })], 1, well)).toBe(1)
    expect(startExitCode([sampleViolation()], 2, { exitCode: null, signal: 'SIGKILL' })).toBe(1)
  })

  it('is 3 where vitest broke although every verdict conforms', () => {
    expect(startExitCode([sampleVerdict()], 1, red)).toBe(3)
    expect(startExitCode([sampleVerdict()], 1, { exitCode: null, signal: 'SIGKILL' })).toBe(3)
  })
})

describe('declaredExitCode', () => {
  const expectedOne = sampleViolation({ expected: declared })
  const unsure = sampleVerdict({ outcome: 'inconclusive' })

  it('is 0 where all is as declared, also a violation', () => {
    expect(declaredExitCode([sampleVerdict(), expectedOne], 2, red)).toBe(3)
    expect(declaredExitCode([sampleVerdict(), expectedOne], 2, well)).toBe(0)
    expect(declaredExitCode([sampleVerdict(), sampleVerdict({ outcome: 'skipped' })], 2, well)).toBe(0)
  })

  it('is 1 where a verdict says something else, also that what was declared did not come', () => {
    expect(declaredExitCode([sampleViolation(), unsure], 3, red)).toBe(1)
    expect(declaredExitCode([sampleVerdict({ expected: declared })], 1, red)).toBe(1)
  })

  it('is 3 where not all was concluded, whatever violates as declared', () => {
    expect(declaredExitCode([expectedOne, unsure], 2, red)).toBe(3)
    expect(declaredExitCode([expectedOne], 2, { exitCode: null, signal: 'SIGKILL' })).toBe(3)
    expect(declaredExitCode([sampleVerdict({ outcome: 'skipped' })], 1, well)).toBe(3)
  })
})

it('says what broke beside the scenarios', () => {
  expect(brokenBeside([sampleVerdict()], 1, well)).toBeNull()
  expect(brokenBeside([sampleViolation()], 1, red)).toBeNull()
  expect(brokenBeside([sampleVerdict()], 1, red)).toContain('exit code 1')
  expect(brokenBeside([], 3, red)).toBe('0 of 3 verdicts were reached')
})

describe('the command that repeats what failed', () => {
  const asRun = { cluster: null, repeat: 1, reboots: 5, offline: false, matrix: 'sample' as const, asDeclared: false }

  it('names each scenario once, and not what was as expected', () => {
    const verdicts = [
      sampleVerdict(),
      sampleViolation(),
      sampleViolation(),
      sampleViolation({ expected: declared, scenario: 'x' }),
    ]
    expect(repeatCommand(unexpected(verdicts), asRun)).toEqual(['npm start -- --scenario recovery.reboot-storm'])
  })

  it('has the flags that the run had, quoted for a shell', () => {
    const flags = {
      cluster: 'my cluster.yaml',
      repeat: 3,
      reboots: 7,
      offline: true,
      matrix: 'whole' as const,
      asDeclared: true,
    }
    expect(repeatCommand(['a', 'b'], flags)).toEqual([
      "npm start -- --cluster 'my cluster.yaml' --scenario '{a,b}' --repeat 3 --reboots 7 --whole-matrix --offline --as-declared",
    ])
  })

  it('is none where nothing failed', () => {
    expect(repeatCommand([], asRun)).toEqual([])
  })
})

describe('the commands that repeat what failed in npm test', () => {
  const asRun = { offline: false, matrix: 'sample' } as const
  const counter = {
    file: 'suites/recovery/power.counter.ts',
    project: 'counter',
    test: 'recovery.power-cut against a kubelet that never registers again',
    scenario: 'recovery.power-cut against a kubelet that never registers again',
  }

  it('are of the files of unit tests, of the scenarios, and of each counter-test by its project and name', () => {
    const failed = [
      { file: 'cli/a.test.ts', project: 'unit', test: 'a', scenario: null },
      { file: 'cli/a.test.ts', project: 'unit', test: 'b', scenario: null },
      {
        file: 'suites/roles/roles.suite.ts',
        project: 'scenarios:split',
        test: 'roles.health',
        scenario: 'roles.health',
      },
      counter,
      { ...counter, project: 'slow-host' },
    ]
    expect(repeatTests(failed, asRun)).toEqual([
      'npm run test:unit -- cli/a.test.ts',
      'npm start -- --scenario roles.health',
      "npm test -- --project counter slow-host --test 'recovery.power-cut against a kubelet that never registers again'",
    ])
  })

  it('run a scenario that broke without a verdict, and a file that broke as a whole, where they ran', () => {
    const failed = [
      { file: 'suites/join/join.suite.ts', project: 'scenarios:joining', test: 'join.etcd', scenario: null },
      { file: 'suites/join/join.counter.ts', project: 'counter:split', test: '', scenario: null },
    ]
    expect(repeatTests(failed, { offline: true, matrix: 'whole' })).toEqual([
      'npm test -- --project scenarios:joining --test join.etcd --whole-matrix --offline',
      'npm test -- --project counter:split --whole-matrix --offline',
    ])
  })

  it('are none where nothing failed', () => {
    expect(repeatTests([], asRun)).toEqual([])
  })
})

it('finds the journals of the run, and its kubeconfigs where clusters were kept', () => {
  const out = mkdtempSync(path.join(tmpdir(), 'left-'))
  const run = { id: 'abcd1234', out, workDirectory: path.join(out, 'work/abcd1234'), keep: true }
  try {
    expect(leftFiles(run)).toEqual({ journals: [], kubeconfigs: [], allure: false })
    const kubeconfig = path.join(run.workDirectory, 'kind-1234-a1/kubeconfig')
    for (const file of [
      kubeconfig,
      path.join(out, 'journal/a-abcd1234.jsonl'),
      path.join(out, 'journal/a-other000.jsonl'),
    ]) {
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, '')
    }
    const journals = [path.join(out, 'journal/a-abcd1234.jsonl')]
    expect(leftFiles(run)).toEqual({ journals, kubeconfigs: [kubeconfig], allure: false })
    expect(leftFiles({ ...run, keep: false }).kubeconfigs).toEqual([])
  } finally {
    rmSync(out, { recursive: true })
  }
})
