import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import type { Verdict } from '../../harness/verdict.ts'
import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import { oneOfEachDiagnosis, reportResults, violatingResults } from './report-data.ts'

/** A page as Allure writes it, with a result for each verdict; its attachments hang at a step, or at the result. */
function report(verdicts: readonly Verdict[], { timeline = true } = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-report-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const files = verdicts.flatMap((verdict, index) => {
    const attached = (id: string, ext: string, name: string, contentType: string) => ({
      link: { id: `${id}${index}`, ext, name, contentType },
      type: 'attachment',
    })
    const steps = [
      attached('v', '.json', 'verdict', 'application/json'),
      { type: 'step', name: 'pictures', steps: timeline ? [attached('t', '.svg', 'timeline', 'image/svg+xml')] : [] },
    ]
    return [
      [`data/test-results/r${index}.json`, JSON.stringify({ id: `r${index}`, name: verdict.scenario, steps })],
      [`data/attachments/v${index}.json`, JSON.stringify(verdict)],
      [`data/attachments/t${index}.svg`, '<svg/>'],
    ]
  })
  const calls = files.map(([name, text = '']) => `d(${JSON.stringify(name)},"${Buffer.from(text).toString('base64')}")`)
  writeFileSync(path.join(folder, 'index.html'), `<script defer>Promise.allSettled([${calls.join(',')}])</script>`)
  return folder
}

it('finds each result with its verdict and its attachments, however deep', () => {
  const verdict = sampleViolation()
  const [result] = reportResults(report([verdict]))
  expect(result).toMatchObject({ id: 'r0', name: 'recovery.reboot-storm', verdict })
  expect(result?.attachments.map(({ id, name, content }) => [id, name, content])).toEqual([
    ['v0', 'verdict', JSON.stringify(verdict)],
    ['t0', 'timeline', '<svg/>'],
  ])
})

it('goes to what violates and has a timeline, first to what nobody declared', () => {
  const expected = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
  const verdicts = [
    sampleVerdict(),
    sampleViolation({ scenario: 'a.declared', expected }),
    sampleViolation({ scenario: 'b.found' }),
  ]
  expect(violatingResults(reportResults(report(verdicts))).map(({ name }) => name)).toEqual(['b.found', 'a.declared'])
  expect(violatingResults(reportResults(report(verdicts, { timeline: false })))).toEqual([])
})

it('takes the first result of each diagnosis', () => {
  const stuck = { code: 'recovery.daemonset-stuck', summary: '', remedies: [], upstream: [] }
  const verdicts = [
    sampleViolation({ scenario: 'a' }),
    sampleViolation({ scenario: 'b' }),
    sampleViolation({ scenario: 'c', diagnosis: stuck }),
  ]
  expect(oneOfEachDiagnosis(reportResults(report(verdicts))).map(({ name }) => name)).toEqual(['a', 'c'])
})
