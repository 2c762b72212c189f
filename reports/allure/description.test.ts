import { expect, it } from 'vitest'

import { sampleVerdict } from '../sample-verdict.ts'
import { describeVerdict } from './description.ts'

it.each([
  ['at once', 0, '| x | holds | at once |'],
  ['at once', null, '| x | **does not hold** | at once |'],
  ['never', 0, '| x | never did | never |'],
  ['never', null, '| x | **it did** | never |'],
])('says of what has no deadline whether it is so: %s, %s', (budget, tookMs, row) => {
  const expectations = [{ name: 'x', budget, withinMs: 0, tookMs, since: 0 }]
  expect(describeVerdict(sampleVerdict({ expectations }))).toContain(row)
})
