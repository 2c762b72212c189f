import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { TestResult } from 'allure-js-commons'
import { expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../sample-verdict.ts'
import type { RunReport } from '../run-model.ts'
import { statusOf, writeAllureResults } from './results.ts'
import { sampleOrigin, sampleOutput, sampleRecord, sampleRun, sampleScenario } from './sample-run.ts'

const pictures = async () => [{ name: 'timeline' as const, title: 'timeline', svg: '<svg/>' }]

async function write(run: RunReport): Promise<{ directory: string; results: TestResult[]; files: string[] }> {
  const directory = path.join(run.out, 'allure-results')
  await writeAllureResults(run, directory, { pictures })
  const files = readdirSync(directory)
  const results = files
    .filter((name) => name.endsWith('-result.json'))
    .map((name): TestResult => JSON.parse(readFileSync(path.join(directory, name), 'utf8')))
  return { directory, results, files }
}

const journal = [
  sampleRecord(0, ['cluster', 'starting', 'kind'], { nodes: [{ name: 'a', roles: ['control-plane', 'etcd'] }] }),
  sampleRecord(500, ['cluster', 'image', 'node:v1'], { from: 'from the engine' }),
  sampleRecord(1_000, ['scenario', 'started', 'recovery.power-cut']),
  sampleRecord(2_000, ['fault', 'injecting', 'node/a'], { fault: 'power-cut' }),
  sampleRecord(9_000, ['scenario', 'ended', 'recovery.power-cut']),
  sampleRecord(9_500, ['cluster', 'removing', 'kind']),
]

it('writes the times, the leg and the attachments of a scenario', async () => {
  const { results, directory } = await write(
    sampleRun([sampleScenario(sampleVerdict())], { out: sampleOutput(journal) }),
  )
  const [result] = results
  expect(result).toMatchObject({
    name: 'recovery.power-cut on kind, v1.34.4',
    fullName: 'recovery.power-cut',
    status: 'passed',
    start: sampleOrigin + 1_000,
    stop: sampleOrigin + 9_000,
  })
  expect(result?.parameters).toContainEqual({ name: 'topology', value: '1 control-plane' })
  expect(result?.parameters).toContainEqual({ name: 'image origin', value: 'engine' })
  const sources = new Map(result?.attachments.map(({ name, source }) => [name, source]))
  expect([...sources.keys()]).toEqual(['timeline', 'verdict', 'journal (3 records)'])
  const part = readFileSync(path.join(directory, sources.get('journal (3 records)') ?? ''), 'utf8')
  expect(part.trim().split('\n')).toEqual(journal.slice(2, 5).map((record) => JSON.stringify(record)))
})

it('writes the same files when it is done again', async () => {
  const run = sampleRun([sampleScenario(sampleVerdict())], { out: sampleOutput(journal) })
  const first = await write(run)
  const again = await write(run)
  expect(again.files).toEqual(first.files)
  expect(again.results).toEqual(first.results)
})

it('removes what an earlier writing had attached, and leaves what is of others', async () => {
  const run = sampleRun([sampleScenario(sampleVerdict())], { out: sampleOutput(journal) })
  const { directory, results } = await write(run)
  const stale = `${results[0]?.uuid}-9-attachment.svg`
  for (const name of [stale, 'other-result.json']) writeFileSync(path.join(directory, name), '{"uuid":"other"}')
  const { files } = await write(run)
  expect(files).toContain('other-result.json')
  expect(files).not.toContain(stale)
})

it('keeps the legs of a matrix and the repeats of a scenario apart', async () => {
  const scenarios = [
    sampleScenario(sampleVerdict()),
    sampleScenario(sampleVerdict()),
    sampleScenario(sampleVerdict({ cluster: 'kubeadm' })),
  ]
  const { results } = await write(sampleRun(scenarios, { out: sampleOutput(journal) }))
  expect(new Set(results.map(({ uuid }) => uuid)).size).toBe(3)
  expect(new Set(results.map(({ historyId }) => historyId)).size).toBe(3)
  expect(new Set(results.map(({ testCaseId }) => testCaseId)).size).toBe(1)
})

it('gives the same leg the same history in another run', async () => {
  const scenarios = [sampleScenario(sampleVerdict())]
  const one = await write(sampleRun(scenarios, { out: sampleOutput(journal) }))
  const other = await write(sampleRun(scenarios, { out: sampleOutput(journal), id: 'efgh5678' }))
  expect(other.results[0]?.historyId).toBe(one.results[0]?.historyId)
  expect(other.results[0]?.uuid).not.toBe(one.results[0]?.uuid)
})

it('says of a killed run where it ended', async () => {
  const killed = sampleScenario(null)
  const lastWords = 'run abcd1234 ended without a word'
  const { results } = await write(sampleRun([killed], { out: sampleOutput(journal.slice(0, 4)), lastWords }))
  expect(results[0]).toMatchObject({
    status: 'broken',
    statusDetails: { message: `the run ended here: ${lastWords}` },
    steps: [{ name: 'fault: power-cut on a', status: 'passed' }],
  })
})

it('does without a journal that is lost', async () => {
  const { results } = await write(sampleRun([sampleScenario(sampleVerdict())], { out: sampleOutput([], 'journal/x') }))
  expect(results[0]?.attachments.map(({ name }) => name)).toEqual(['timeline', 'verdict'])
})

it('packs the diagnostics bundle', async () => {
  const out = sampleOutput(journal)
  const verdict = sampleViolation({ journal: sampleVerdict().journal })
  mkdirSync(path.join(out, verdict.bundle ?? '', 'worker-1'), { recursive: true })
  writeFileSync(path.join(out, verdict.bundle ?? '', 'worker-1', 'kubelet.log'), 'text')
  writeFileSync(path.join(out, verdict.bundle ?? '', 'empty.log'), '')
  const { results } = await write(sampleRun([sampleScenario(verdict)], { out }))
  expect(results[0]?.attachments.at(-1)).toMatchObject({
    name: 'diagnostics bundle',
    source: expect.stringMatching(/-attachment\.tar\.gz$/),
  })
})

it('attaches the log of the run once', async () => {
  const out = sampleOutput(journal)
  writeFileSync(path.join(out, 'run.log'), 'what the live view did not show')
  const run = sampleRun([sampleScenario(sampleVerdict())], { out })
  await write(run)
  const { files } = await write(run)
  expect(files.filter((name) => name.endsWith('-globals.json'))).toHaveLength(1)
  expect(files.filter((name) => name.endsWith('.log'))).toHaveLength(1)
})

it.each([
  [sampleVerdict(), 'passed'],
  [sampleViolation({ expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } }), 'passed'],
  [sampleViolation(), 'failed'],
  [sampleVerdict({ expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } }), 'failed'],
  [sampleVerdict({ outcome: 'inconclusive' }), 'broken'],
  [sampleVerdict({ outcome: 'skipped' }), 'skipped'],
  [null, 'broken'],
])('%j comes out %s', (verdict, status) => {
  expect(statusOf(verdict)).toBe(status)
})
