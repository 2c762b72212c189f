import { expect, it } from 'vitest'

import { Checks } from './checks.ts'

it('says of each check what came of it, each problem once, and counts them', async () => {
  const said: string[] = []
  const checks = new Checks((line) => said.push(line))
  checks.add('fits', [])
  checks.add('is quiet', ['404: x', '404: x', 'two\nlines'])
  expect(await checks.run('opens', async () => {})).toBe(true)
  expect(await checks.run('closes', () => Promise.reject(new Error('\u001B[2mlocator\u001B[22m: gone')))).toBe(false)
  expect(said).toEqual([
    'ok      fits',
    'failed  is quiet',
    '        404: x',
    '        two',
    '        lines',
    'ok      opens',
    'failed  closes',
    '        locator: gone',
  ])
  expect(checks).toMatchObject({ passed: 2, failed: 2 })
  expect(checks.closingLine()).toBe('2 checks passed, 2 failed')
})
