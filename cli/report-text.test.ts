import path from 'node:path'

import { expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import type { Verdict } from '../harness/verdict.ts'
import { factsWithoutRecords } from '../reports/scenario-facts.ts'
import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { builtText, readText } from './report-text.ts'

const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 }
const whole = {
  out: path.join(projectFolder, 'reports/out'),
  id: 'abcd1234',
  run: { id: 'abcd1234', startedAt: '', finishedAt: '', host },
  damagedLines: 0,
  lastWords: '',
}

function scenario(verdict: Verdict | null) {
  const start = { name: 'recovery.power-cut', startedAt: 0 }
  const facts = factsWithoutRecords(start, { endedAt: 0, verdict })
  return { scenario: start.name, cluster: 'kind', verdict, startedAt: 0, endedAt: 0, at: '', journal: '', facts }
}

it('is one line for a run that came to its end', () => {
  const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
  const verdicts = [sampleVerdict(), sampleViolation(), sampleViolation({ expected: declared })]
  expect(readText({ ...whole, scenarios: verdicts.map(scenario) })).toBe(
    'read    reports/out: run abcd1234, 3 scenarios: 1 conforms, 2 violates (1 as declared)',
  )
})

it('says what is missing, damaged, and where a killed run ended', () => {
  const lastWords =
    'run abcd1234 did not come to its end; its last record is of 5 s after its start\nin recovery.power-cut'
  expect(
    readText({ ...whole, run: null, scenarios: [scenario(null)], damagedLines: 2, lastWords }).split('\n'),
  ).toEqual([
    'read    reports/out: run abcd1234, 1 scenario: 1 without a verdict',
    '        verdicts.json is missing or damaged: all of this is out of the journals',
    '        2 damaged lines in its journals, skipped',
    '        run abcd1234 did not come to its end; its last record is of 5 s after its start',
    '        in recovery.power-cut',
  ])
})

it('says how the report is opened', () => {
  const text = builtText(path.join(projectFolder, 'reports/out/report'), { pictures: 1, tookMs: 12_340 })
  expect(text.split('\n')).toEqual([
    'built   reports/out/report/index.html, with 1 picture (12.3 s)',
    'open    npx allure open reports/out/report',
  ])
})
