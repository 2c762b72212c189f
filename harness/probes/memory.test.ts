import { expect, it } from 'vitest'

import { workingSet } from './memory.ts'

it.each([
  ['cgroup v2', '5000\nanon 3000\ninactive_file 1000\nactive_file 10\n', 4000],
  ['cgroup v1', '5000\ncache 1\ninactive_file 1\ntotal_inactive_file 2000\n', 3000],
  ['no statistics', '5000\n', 5000],
])('is what cannot be dropped at once: %s', (_, text, bytes) => {
  expect(workingSet(text)).toBe(bytes)
})
