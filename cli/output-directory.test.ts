import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import {
  allureResults,
  builtReport,
  checkWritable,
  clearMergedResults,
  clearResults,
  mergedResults,
} from './output-directory.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'out-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

it('makes the directory and leaves nothing in it', () => {
  const out = path.join(directory, 'a/b')
  checkWritable(out)
  expect(readdirSync(out)).toEqual([])
})

it('refuses what is no directory', () => {
  const file = path.join(directory, 'file')
  writeFileSync(file, '')
  for (const out of [file, path.join(file, 'below')]) {
    expect(() => checkWritable(out)).toThrow(
      expect.objectContaining({ exitCode: 2, hint: expect.stringContaining('--out') }),
    )
  }
})

it('removes the results of the run before, not its journals', () => {
  mkdirSync(allureResults(directory))
  mkdirSync(builtReport(directory))
  mkdirSync(path.join(directory, 'journal'))
  for (const name of ['verdicts.json', 'junit.xml']) writeFileSync(path.join(directory, name), '')
  clearResults(directory)
  expect(readdirSync(directory)).toEqual(['journal'])
  expect(existsSync(allureResults(directory))).toBe(false)
})

it('removes what a run was killed over, and not what another process writes', () => {
  const nobody = 2 ** 22 + 1
  const living = [`verdicts.json.${process.pid}`, `.writable-${process.pid}`]
  const left = [`verdicts.json.${nobody}`, `metrics.prom.${nobody}`, `.writable-${nobody}`]
  for (const name of [...living, ...left, `notes.txt.${nobody}`]) writeFileSync(path.join(directory, name), '{"sch')
  clearResults(directory)
  expect(readdirSync(directory).toSorted()).toEqual([...living, `notes.txt.${nobody}`].toSorted())
})

it('removes the results of the runs that an earlier report was of, and nothing beside them', () => {
  clearMergedResults(directory)
  const yesterday = mergedResults(directory, 'abcd1234')
  mkdirSync(yesterday, { recursive: true })
  for (const folder of [yesterday, allureResults(directory)]) writeFileSync(path.join(folder, 'a-result.json'), '{}')
  clearMergedResults(directory)
  expect(readdirSync(allureResults(directory))).toEqual(['a-result.json'])
  expect(path.dirname(mergedResults(directory, '../../b'))).toBe(allureResults(directory))
})
