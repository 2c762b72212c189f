import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it } from 'vitest'

import { closingLine, noTests, readCounts, writeCounts } from './test-counts.ts'

it('adds up what several processes counted', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'counts-'))
  try {
    writeCounts(directory, { passed: 1, failed: 0, skipped: 0 })
    writeCounts(directory, { passed: 3, failed: 1, skipped: 2 })
    writeFileSync(path.join(directory, 'counts-1.json'), '{"passed":40,"failed":0,"skipped":0}')
    writeFileSync(path.join(directory, 'kind.yaml'), 'kind: Cluster')
    expect(readCounts(directory)).toEqual({ passed: 43, failed: 1, skipped: 2 })
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('counts nothing where no process counted', () => {
  expect(readCounts(path.join(tmpdir(), 'there-is-no-such-directory'))).toEqual(noTests)
})

it('closes with the line that machines read', () => {
  expect(closingLine({ passed: 43, failed: 0, skipped: 2 })).toBe('43 passed, 0 failed, 2 skipped')
})
