import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { Journal } from '../../harness/journal.ts'
import { newRun } from '../../harness/run.ts'
import { flood } from './flood.ts'

it('sees every event of another process in the journal, later than it was made', async () => {
  const run = newRun()
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-flood-'))
  using journal = new Journal(path.join(folder, 'journal.jsonl'), run.clock)
  onTestFinished(() => rmSync(folder, { recursive: true }))

  const cost = await flood(run, journal, 200, 0.2)

  const written = journal.records().filter(({ subject }) => subject.startsWith('pod/growth/'))
  expect(cost.lost).toBe(0)
  expect(written.length).toBeGreaterThan(0)
  expect(cost.p50Ms).toBeGreaterThan(0)
  expect(cost.p99Ms).toBeGreaterThanOrEqual(cost.p50Ms)
})
