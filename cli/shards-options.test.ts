import { describe, expect, it } from 'vitest'

import { shardsOptions } from './shards-options.ts'

describe('npm run shards', () => {
  it('says what each of three shards runs', () => {
    expect(shardsOptions([], {})).toMatchObject({
      count: 3,
      projects: ['unit', 'scenarios', 'counter', 'slow-host'],
      matrix: 'sample',
      print: 'plan',
      save: null,
      compare: null,
    })
  })

  it('makes a Job that is given the same flags', () => {
    const args = [
      '--count',
      '5',
      '--manifest',
      'runner:v1',
      '--project',
      'counter',
      '--whole-matrix',
      '--deadline',
      '90m',
    ]
    expect(shardsOptions(args, {})?.print).toMatchObject({
      shards: 5,
      atOnce: 5,
      image: 'runner:v1',
      deadlineSeconds: 5_400,
      claim: null,
      args: ['--project', 'counter', '--whole-matrix'],
    })
  })

  it('takes directories from where it was called', () => {
    const env = { INIT_CWD: '/runs' }
    expect(shardsOptions(['--compare', 'a', 'b'], env)?.compare).toEqual(['/runs/a', '/runs/b'])
    expect(shardsOptions(['--save', 'a'], env)?.save).toBe('/runs/a')
  })

  it.each([
    ['no shards', ['--count', '0']],
    ['a run without another', ['--compare', 'a']],
    ['pods that would need a former run', ['--manifest', 'runner:v1', '--weights', 'old']],
    ['a deadline that is no time', ['--manifest', 'runner:v1', '--deadline', 'soon']],
  ])('refuses %s', (_, args) => {
    expect(() => shardsOptions(args, {})).toThrow(expect.objectContaining({ name: 'UserError', exitCode: 2 }))
  })
})
