import path from 'node:path'

import { expect, it } from 'vitest'
import type { TestSpecification } from 'vitest/node'

import { projectFolder } from '../harness/images/settings.ts'
import { LongestFirst } from './longest-first.ts'
import { knownWeights, weigh } from './shard-weights.ts'

it('gives out the files that take long before the others, and loses none', () => {
  const names = [
    'suites/recovery/daemonset-after-reboot.suite.ts',
    'suites/election/egress.suite.ts',
    'suites/nobody/knows.suite.ts',
    'suites/recovery/power.counter.ts',
  ]
  const files = names.map((name) => ({ moduleId: path.join(projectFolder, name) }) as TestSpecification)
  const weight = weigh(knownWeights(null))
  // oxlint-disable-next-line no-array-sort -- it is no array's
  const sorted = new LongestFirst().sort(files).map(({ moduleId }) => path.relative(projectFolder, moduleId))
  expect(sorted).toEqual(names.toSorted((a, b) => weight(b) - weight(a)))
  expect(sorted[0]).toBe('suites/election/egress.suite.ts')
})
