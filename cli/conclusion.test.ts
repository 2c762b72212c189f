import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { brokenBeside, leftFiles, repeatCommand, startExitCode, unexpected } from './conclusion.ts'

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

it('says what broke beside the scenarios', () => {
  expect(brokenBeside([sampleVerdict()], 1, well)).toBeNull()
  expect(brokenBeside([sampleViolation()], 1, red)).toBeNull()
  expect(brokenBeside([sampleVerdict()], 1, red)).toContain('exit code 1')
  expect(brokenBeside([], 3, red)).toBe('0 of 3 verdicts were reached')
})

describe('the command that repeats what failed', () => {
  const asRun = { cluster: null, repeat: 1, reboots: 5, offline: false }

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
    expect(repeatCommand(['a', 'b'], { cluster: 'my cluster.yaml', repeat: 3, reboots: 7, offline: true })).toEqual([
      "npm start -- --cluster 'my cluster.yaml' --scenario '{a,b}' --repeat 3 --reboots 7 --offline",
    ])
  })

  it('is none where nothing failed', () => {
    expect(repeatCommand([], asRun)).toEqual([])
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
