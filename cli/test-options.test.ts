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
