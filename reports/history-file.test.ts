import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import type { Verdicts } from '../harness/verdict.ts'
import { addToHistory, readHistory } from './history-file.ts'
import { sampleVerdict, sampleViolation } from './sample-verdict.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'history-'))
  file = path.join(folder, 'history', 'verdicts.jsonl')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function run(id: string, startedAt: string, finishedAt: string | null = startedAt): Verdicts {
  const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 }
  return { schema: 1, run: { id, startedAt, finishedAt, host }, verdicts: [sampleVerdict(), sampleViolation()] }
}
const ids = async (most?: number) => (await readHistory(file, most)).map((each) => each.run.id)

it('remembers each run once, and gives them oldest first', async () => {
  expect(await addToHistory(file, run('b', '2026-02-01'))).toBe(true)
  expect(await addToHistory(file, run('a', '2026-01-01'))).toBe(true)
  expect(await addToHistory(file, run('b', '2026-02-01'))).toBe(false)
  expect(await ids()).toEqual(['a', 'b'])
})

it('gives the latest ones where there are many', async () => {
  for (const n of [1, 2, 3, 4]) await addToHistory(file, run(`r${n}`, `2026-01-0${n}`))
  expect(await ids(2)).toEqual(['r3', 'r4'])
})

it('does not remember a run that has not come to its end', async () => {
  expect(await addToHistory(file, run('a', '2026-01-01', null))).toBe(false)
  expect(await ids()).toEqual([])
})

it('skips what is damaged, and loses nothing that comes behind it', async () => {
  await addToHistory(file, run('a', '2026-01-01'))
  appendFileSync(file, '{"schema":2}\nnonsense\n{"schema":1,"run":{"id":"half')
  await addToHistory(file, run('b', '2026-02-01'))
  expect(await ids()).toEqual(['a', 'b'])
})

it('keeps what a trend needs, and leaves to the run what fills pages', async () => {
  const expectation = { name: 'x', budget: '5 s = 2 s + 3 s', withinMs: 5_000, tookMs: 1_000, since: 0 }
  const document = run('a', '2026-01-01')
  await addToHistory(file, { ...document, verdicts: [sampleViolation({ expectations: [expectation] })] })
  const [verdict] = (await readHistory(file))[0]?.verdicts ?? []
  expect(verdict).toMatchObject({
    outcome: 'violates',
    reason: 'every DaemonSet pod is Ready again: not within 60 s',
    expectations: [{ name: 'x', budget: '5 s', withinMs: 5_000, tookMs: 1_000 }],
  })
  expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(1)
})
