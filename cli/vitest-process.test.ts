import { expect, it } from 'vitest'

import { vitestArguments } from './vitest-process.ts'

it('names projects, reporters and files', () => {
  expect(vitestArguments({ projects: ['scenarios'], files: ['suites/a.suite.ts'] })).toEqual([
    'run',
    '--configLoader=native',
    '--project',
    'scenarios*',
    'suites/a.suite.ts',
  ])
  expect(vitestArguments({ projects: ['a', 'b'], reporters: ['./r.ts'] }).join(' ')).toBe(
    'run --configLoader=native --project a* --project b* --reporter ./r.ts --passWithNoTests',
  )
  expect(vitestArguments({ projects: ['counter'], tests: ['a.b (1 of 2)', 'c against d'] })).toContain(
    String.raw`^(?:a\.b \(1 of 2\)|c against d)$`,
  )
})
