import { expect, it } from 'vitest'

import { testOptions } from './test-options.ts'

it('runs everything without flags, unit tests first', () => {
  expect(testOptions([], {})?.projects).toEqual(['unit', 'scenarios', 'counter', 'slow-host'])
})

it('runs the projects that are named, in the usual order', () => {
  expect(testOptions(['--project', 'counter', 'unit', '--offline'], {})).toMatchObject({
    projects: ['unit', 'counter'],
    offline: true,
  })
  expect(testOptions(['--project', 'counter', '--project', 'unit'], {})?.projects).toEqual(['unit', 'counter'])
})

it('runs parts of projects and single tests that are named', () => {
  const args = ['--project', 'counter:election', 'scenarios:mirror', '--test', 'a against b', 'c']
  expect(testOptions(args, {})).toMatchObject({
    projects: ['scenarios:mirror', 'counter:election'],
    tests: ['a against b', 'c'],
  })
})

it('answers an unknown project with those that there are, exit code 2', () => {
  expect(() => testOptions(['--project', 'units'], {})).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining('unit, scenarios, counter, slow-host') }),
  )
})

it('runs one part of the files', () => {
  expect(testOptions(['--shard', '2/5', '--weights', 'old'], { INIT_CWD: '/runs' })).toMatchObject({
    shard: { index: 2, count: 5 },
    weights: '/runs/old',
  })
  expect(testOptions([], {})).toMatchObject({ shard: null, weights: null })
})

it.each(['0/5', '6/5', '2', '2/0', '1/5/5', '-1/2', '1.5/2', ''])('takes no part %j', (text) => {
  expect(() => testOptions(['--shard', text], {})).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining('such as 2/5') }),
  )
})

it('takes a part of all tests, and no part of one that is named', () => {
  expect(() => testOptions(['--shard', '1/2', '--test', 'a'], {})).toThrow(expect.objectContaining({ exitCode: 2 }))
  expect(() => testOptions(['--weights', 'old'], {})).toThrow(expect.objectContaining({ exitCode: 2 }))
})
