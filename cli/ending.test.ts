import path from 'node:path'

import { expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { sampleVerdict } from '../reports/sample-verdict.ts'
import { endingText, quote } from './ending.ts'

const out = path.join(projectFolder, 'reports/out')
const run = { id: 'abcd1234', out, keep: false, workDirectory: path.join(out, 'work/abcd1234') }
const ending = {
  run,
  verdicts: [sampleVerdict()],
  repeat: [],
  kubeconfigs: [],
  journals: [path.join(out, 'journal/power-cut-abcd1234.jsonl')],
  allure: true,
}

it('ends with where everything is', () => {
  const files = endingText(ending).split('\n\n').at(-1)
  expect(files?.split('\n')).toEqual([
    'verdicts  reports/out/verdicts.json',
    'journal   reports/out/journal/power-cut-abcd1234.jsonl',
    'allure    reports/out/allure-results',
    'report    npx allure generate reports/out/allure-results --output reports/out/allure-report',
  ])
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

it('quotes words for a shell', () => {
  expect(quote('reports/out')).toBe('reports/out')
  expect(quote("it's {a,b}")).toBe(String.raw`'it'\''s {a,b}'`)
})
