import { expect, it } from 'vitest'

import { figuresTable } from './report.ts'

it('shows goal, measurement and whether it is held', () => {
  const figure = { name: 'ready', goal: 35, measured: 31.26, unit: 's', detail: 'median of 3' }
  const table = figuresTable([figure, { ...figure, measured: Number.POSITIVE_INFINITY }])
  expect(table).toMatch(/ready .*≤ 35 s .*31\.3 s .*yes .*median of 3/)
  expect(table).toMatch(/Infinity s .*no /)
})
