import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { newRun } from '../harness/run.ts'
import { beginVerdicts } from '../reports/verdicts-file.ts'
import { mergeLegs } from './matrix-merge.ts'
import { mergedResults } from './output-directory.ts'

let out: string

beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'matrix-'))
  vi.spyOn(console, 'log').mockReturnValue()
})
afterEach(() => {
  rmSync(out, { recursive: true })
  vi.restoreAllMocks()
})

/** A leg that has left verdicts, and where a report has its Allure results. */
function leg(name: string): { readonly directory: string; readonly results: string } {
  const run = newRun({ out: path.join(out, name), keep: false })
  beginVerdicts(run)
  return { directory: run.out, results: mergedResults(out, run.id) }
}

/** In place of what would be run: notes what the gate was asked of, and lets pass what does not have that word. */
function scripts(refused: string) {
  const gated: string[] = []
  const runsWell = (script: readonly string[]) => {
    const [, command, of = ''] = script
    if (command === 'quality-gate') gated.push(of)
    return Promise.resolve(!script.join(' ').includes(refused))
  }
  return { gated, runsWell }
}

it('holds the merged legs to the quality gate, and no other that has left something there', async () => {
  const yesterday = mergedResults(out, 'abcd1234')
  mkdirSync(yesterday, { recursive: true })
  const legs = [leg('kind-1.35'), leg('kind-1.34')]
  const directories = legs.map(({ directory }) => directory)
  const { gated, runsWell } = scripts(yesterday)
  expect(await mergeLegs(directories, out, runsWell)).toBe(true)
  expect(gated).toEqual(legs.map(({ results }) => results))
})

it('asks the gate of every leg, also after one that does not pass', async () => {
  const [first, second] = [leg('kind-1.34'), leg('kind-1.35')]
  const { gated, runsWell } = scripts(first.results)
  expect(await mergeLegs([first.directory, second.directory], out, runsWell)).toBe(false)
  expect(gated).toHaveLength(2)
})

it('asks nothing of the gate where there is no report', async () => {
  const { gated, runsWell } = scripts('cli/report.ts')
  expect(await mergeLegs([leg('kind-1.34').directory], out, runsWell)).toBe(false)
  expect(gated).toEqual([])
})
