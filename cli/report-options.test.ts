import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { projectFolder } from '../harness/images/settings.ts'
import { reportOptions } from './report-options.ts'

const env = { INIT_CWD: '/home/me' }
const history = path.join(projectFolder, 'reports/history/verdicts.jsonl')

describe('reportOptions', () => {
  it('reports on the last run where nothing is said', () => {
    const out = path.join(projectFolder, 'reports/out')
    expect(reportOptions([], env)).toEqual({ directories: [out], out, history })
  })

  it('puts the report of one run beside it, and that of several elsewhere', () => {
    expect(reportOptions(['a'], env)).toMatchObject({ directories: ['/home/me/a'], out: '/home/me/a' })
    expect(reportOptions(['a', '/b', 'a', '--out', 'c'], env)).toMatchObject({
      directories: ['/home/me/a', '/b'],
      out: '/home/me/c',
    })
    expect(reportOptions(['a', 'b'], env)).toMatchObject({ out: path.join(projectFolder, 'reports/merged') })
  })

  it('takes another history, or none', () => {
    expect(reportOptions(['--history', 'past.jsonl'], env)).toMatchObject({ history: '/home/me/past.jsonl' })
    expect(reportOptions(['--no-history'], env)).toMatchObject({ history: null })
  })

  it.each([
    [['a', 'b', '--out', 'b'], /would be overwritten/],
    [['--bogus'], /--bogus/],
  ])('refuses %j', (args, message) => {
    expect(() => reportOptions(args, env)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    )
  })
})
