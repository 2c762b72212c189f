import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { forgetThisRun } from './history.ts'

const entry = (...uuids: string[]) => {
  const results = uuids.map((uuid) => [`history-${uuid}`, { id: createHash('md5').update(uuid).digest('hex') }])
  return JSON.stringify({ uuid: 'report', testResults: Object.fromEntries(results) })
}

const written = (...lines: string[]) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'clusterproof-history-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(path.join(directory, 'history.jsonl'), lines.map((line) => `${line}\n`).join(''))
  writeFileSync(path.join(directory, 'now-result.json'), '{}')
  return { directory, file: path.join(directory, 'history.jsonl') }
}

it('forgets what is of the same results, and keeps what is of others', async () => {
  const { directory, file } = written(entry('before'), entry('now', 'beside'))
  await forgetThisRun(file, [directory])
  expect(readFileSync(file, 'utf8')).toBe(`${entry('before')}\n`)
})

it('drops a line that was cut off: Allure would not read the others', async () => {
  const { directory, file } = written(entry('before'), '{"uuid":"rep')
  await forgetThisRun(file, [directory])
  expect(readFileSync(file, 'utf8')).toBe(`${entry('before')}\n`)
})

it('does without a history', async () => {
  const { directory, file } = written()
  await expect(forgetThisRun(`${file}.missing`, [directory])).resolves.toBeUndefined()
})
