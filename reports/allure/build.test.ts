import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { attachPicture } from './build.ts'

it('attaches the trend to the report itself and to no result', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'clusterproof-build-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'trend.svg'), '<svg/>')
  const results = path.join(folder, 'results')
  attachPicture('trend', path.join(folder, 'trend.svg'), results)
  expect(readdirSync(results).toSorted()).toEqual(['trend-1-attachment.svg', 'trend-globals.json'])
  expect(readFileSync(path.join(results, 'trend-1-attachment.svg'), 'utf8')).toBe('<svg/>')
  expect(JSON.parse(readFileSync(path.join(results, 'trend-globals.json'), 'utf8'))).toMatchObject({
    attachments: [{ name: 'trend', type: 'image/svg+xml', source: 'trend-1-attachment.svg' }],
  })
})
