import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { countsText, endingText, quote } from './ending.ts'

const out = path.join(projectFolder, 'reports/out')
const run = { id: 'abcd1234', out, keep: false, workDirectory: path.join(out, 'work/abcd1234') }
const declared = { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } as const
const ending = {
  run,
  verdicts: [sampleVerdict()],
  details: 'unexpected' as const,
  tookMs: 130_000,
  repeat: [],
  kubeconfigs: [],
  journals: [path.join(out, 'journal/power-cut-abcd1234.jsonl')],
  allure: true,
  formats: ['junit.xml', 'summary.md', 'metrics.prom'].map((name) => path.join(out, name)),
  log: path.join(out, 'run.log'),
}

it('ends with what came of it, and where everything is', () => {
  const [counts, files] = endingText(ending).split('\n\n').slice(-2)
  expect(counts).toBe('1 verdict in 2 min 10 s: 1 conforms')
  expect(files?.split('\n')).toEqual([
    'verdicts  reports/out/verdicts.json, junit.xml, summary.md, metrics.prom',
    'journal   reports/out/journal/power-cut-abcd1234.jsonl',
    'allure    reports/out/allure-results',
    'log       reports/out/run.log',
    'report    reports/out/report is built by: npm run report',
  ])
})

it('says what was met, and only just', () => {
  const close = { name: 'the node is Ready', budget: 'a minute', withinMs: 60_000, tookMs: 50_000, since: 0 }
  expect(endingText(ending)).not.toContain('of its budget used')
  expect(endingText({ ...ending, verdicts: [sampleVerdict({ expectations: [close] })] })).toContain(
    'more than 80 % of its budget used\n  recovery.power-cut on kind: the node is Ready (50 s / 1 min)',
  )
})

it('names many journals by their pattern, and another directory to the report', () => {
  const journals = ['a-abcd1234.jsonl', 'b-abcd1234.jsonl'].map((name) => path.join('/tmp/o', 'journal', name))
  const text = endingText({ ...ending, run: { ...run, out: '/tmp/o' }, journals })
  expect(text).toContain('journals  /tmp/o/journal/*-abcd1234*.jsonl (2)')
  expect(text).toContain('is built by: npm run report -- /tmp/o')
})

it('says how to reach and remove clusters that were kept, and how to repeat what failed', () => {
  const kubeconfigs = [path.join(run.workDirectory, 'kind-1234-a1/kubeconfig')]
  const text = endingText({ ...ending, run: { ...run, keep: true }, kubeconfigs, repeat: ['npm start'] })
  expect(text).toContain('kept      kubectl --kubeconfig reports/out/work/abcd1234/kind-1234-a1/kubeconfig get nodes')
  expect(text).toContain('remove    npm run sweep')
  expect(text).toMatch(/repeat {4}npm start$/)
})

it('says where there is no verdict and no Allure result', () => {
  const text = endingText({ ...ending, verdicts: [], allure: false })
  expect(text).toMatch(/^no verdict was reached/)
  expect(text).not.toContain('allure')
})

describe('what is said of a verdict beside the table', () => {
  const verdicts = [
    sampleVerdict({ measurements: [{ name: 'node Ready after', value: 5_900, unit: 'ms' }] }),
    sampleViolation({ expected: declared }),
    sampleViolation({ scenario: 'recovery.cold-start' }),
  ]
  const headings = (details: 'unexpected' | 'affected') =>
    endingText({ ...ending, verdicts, details })
      .split('\n')
      .filter((line) => / on kind: /.test(line))

  it('is everything where it is not as declared', () => {
    expect(headings('unexpected')).toEqual(['recovery.cold-start on kind: violates'])
  })

  it('is the cause of a declared violation, too, where the reader asked for that scenario', () => {
    expect(headings('affected')).toEqual([
      'recovery.reboot-storm on kind: violates (expected)',
      'recovery.cold-start on kind: violates',
    ])
  })
})

it('counts verdicts by outcome, and which were declared', () => {
  const verdicts = [sampleVerdict(), sampleVerdict(), sampleViolation({ expected: declared })]
  expect(countsText(verdicts, 61_000)).toBe('3 verdicts in 1 min 1 s: 2 conforms, 1 violates (as declared)')
  expect(countsText([...verdicts, sampleViolation()], 61_000)).toContain('2 violates (1 as declared)')
  expect(countsText([sampleViolation()], 61_000)).toContain(': 1 violates')
})

it('quotes words for a shell', () => {
  expect(quote('reports/out')).toBe('reports/out')
  expect(quote("it's {a,b}")).toBe(String.raw`'it'\''s {a,b}'`)
})
