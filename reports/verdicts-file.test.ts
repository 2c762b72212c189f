import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { newRun } from '../harness/run.ts'
import { sampleVerdict } from './sample-verdict.ts'
import { addVerdict, beginVerdicts, finishVerdicts, readVerdicts, verdictsPath } from './verdicts-file.ts'

let out: string

beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'verdicts-'))
})
afterEach(() => {
  rmSync(out, { recursive: true })
})

it('holds each verdict as soon as it is known, and nothing half-written beside it', () => {
  const run = newRun({ out })
  beginVerdicts(run)
  expect(readVerdicts(out)).toMatchObject({ schema: 1, run: { id: run.id, finishedAt: null }, verdicts: [] })
  addVerdict(run, sampleVerdict({ scenario: 'a' }))
  addVerdict(run, sampleVerdict({ scenario: 'b' }))
  expect(readVerdicts(out)?.verdicts.map(({ scenario }) => scenario)).toEqual(['a', 'b'])
  expect(readVerdicts(out)?.run.finishedAt).toBeNull()
  expect(readdirSync(out)).toEqual(['verdicts.json'])
})

it('says when the run came to its end', () => {
  const run = newRun({ out })
  addVerdict(run, sampleVerdict())
  const finished = finishVerdicts(run, new Date('2026-01-02T03:04:05Z'))
  expect(finished.run.finishedAt).toBe('2026-01-02T03:04:05.000Z')
  expect(readVerdicts(out)).toEqual(finished)
})

it('keeps which shard the run was given, and how long its suites took', () => {
  const run = newRun({ out })
  const shard = { index: 2, count: 3, plan: [{ file: 'suites/a.suite.ts', shard: 2, scenarios: ['a'] }] }
  beginVerdicts(run, shard)
  addVerdict(run, sampleVerdict())
  const files = [{ file: 'suites/a.suite.ts', tookMs: 1_500 }]
  expect(finishVerdicts(run, new Date(), files).run).toMatchObject({ shard, files })
  expect(readVerdicts(out)?.run).toMatchObject({ shard, files })
})

it('starts anew where the file is of another run', () => {
  addVerdict(newRun({ out }), sampleVerdict({ scenario: 'old' }))
  const run = newRun({ out })
  addVerdict(run, sampleVerdict({ scenario: 'new' }))
  expect(readVerdicts(out)).toMatchObject({ run: { id: run.id }, verdicts: [{ scenario: 'new' }] })
})

it('leaves out a figure that could not be measured', () => {
  const measurements = [
    { name: 'measured delay', value: Number.NaN, unit: 'ms' },
    { name: 'predicted delay', value: 2, unit: 'ms' },
  ]
  addVerdict(newRun({ out }), sampleVerdict({ measurements }))
  expect(readVerdicts(out)?.verdicts[0]?.measurements).toEqual([{ name: 'predicted delay', value: 2, unit: 'ms' }])
})

it('reads no document out of a damaged file', () => {
  writeFileSync(verdictsPath(out), readFileSync(import.meta.filename))
  expect(readVerdicts(out)).toBeNull()
})
