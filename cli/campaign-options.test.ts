import { expect, it } from 'vitest'

import { campaignOptions } from './campaign-options.ts'

it('runs every sabotage with the same seed unless it is given another', () => {
  expect(campaignOptions([], {})).toMatchObject({
    projects: ['counter', 'campaign'],
    tests: [],
    seed: 1,
    matrix: 'whole',
  })
  expect(campaignOptions(['--seed', '7', '--project', 'campaign:split', '--offline'], {})).toMatchObject({
    projects: ['campaign:split'],
    seed: 7,
    offline: true,
  })
})

it('takes the names of single sabotages as a whole', () => {
  expect(campaignOptions(['--test', 'a against b', 'c against d'], {})?.tests).toEqual(['a against b', 'c against d'])
})

it.each([
  ['a project without sabotages', ['--project', 'scenarios']],
  ['a seed that is none', ['--seed', '0']],
])('refuses %s, exit code 2', (_, args) => {
  expect(() => campaignOptions(args, {})).toThrow(expect.objectContaining({ exitCode: 2 }))
})
