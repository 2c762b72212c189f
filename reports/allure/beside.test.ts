import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { bringOthers, removeOldVerdicts } from './beside.ts'

const id = (digit: string) => `${digit.repeat(8)}-0000-4000-8000-000000000000`
const result = (framework: string, attachment: string) =>
  JSON.stringify({
    labels: [{ name: 'framework', value: framework }],
    attachments: [{ name: attachment, source: `${attachment}-attachment.txt` }],
  })

const results = (): string => {
  const directory = mkdtempSync(path.join(tmpdir(), 'clusterproof-beside-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const files = {
    [`${id('a')}-result.json`]: result('vitest', 'log'),
    [`${id('b')}-result.json`]: result('vitest', 'verdict'),
    [`${id('c')}-result.json`]: result('clusterproof', 'journal'),
    [`${id('d')}-result.json`]: '{',
    [`${id('e')}-globals.json`]: '{}',
    'run-log-globals.json': '{}',
    'log-attachment.txt': '',
    'verdict-attachment.txt': '',
    'journal-attachment.txt': '',
  }
  mkdirSync(path.join(directory, 'from'))
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, 'from', name), text)
  return directory
}

it('brings what is no verdict, with what is attached to it', () => {
  const directory = results()
  const to = path.join(directory, 'to')
  bringOthers(path.join(directory, 'from'), to)
  const wanted = [`${id('a')}-result.json`, `${id('e')}-globals.json`, 'log-attachment.txt']
  expect(readdirSync(to).toSorted()).toEqual(wanted.toSorted())
})

it('brings nothing to where it is, and nothing from nowhere', () => {
  const directory = results()
  const from = path.join(directory, 'from')
  const before = readdirSync(from)
  bringOthers(from, from)
  bringOthers(path.join(directory, 'missing'), from)
  expect(readdirSync(from)).toEqual(before)
})

it('removes the verdicts that allure-vitest wrote once', () => {
  const from = path.join(results(), 'from')
  removeOldVerdicts(from)
  const left = readdirSync(from)
  expect(left).not.toContain(`${id('b')}-result.json`)
  expect(left).not.toContain('verdict-attachment.txt')
  expect(left).toHaveLength(7)
})
