import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { readRun } from '../run-model.ts'
import { hostileName, writeHostileRun } from './hostile-run.ts'

it('is a run that the report reads whole: one scenario, no damaged line', async () => {
  const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-hostile-'))
  onTestFinished(() => rmSync(out, { recursive: true }))
  writeHostileRun(out)
  const run = await readRun(out)
  expect(run).toMatchObject({ damagedLines: 0, lastWords: '' })
  expect(run.scenarios).toMatchObject([
    { scenario: 'recovery.hostile-names', cluster: hostileName, verdict: { outcome: 'violates' } },
  ])
})
