import { expect, it } from 'vitest'

import { defineCluster } from '../topology.ts'
import { parseDuration } from '../duration.ts'
import { requestsMoveOn } from './service.ts'

it('requests can move on within the objective that holds where an operator sets none', () => {
  const { objectives } = defineCluster({
    name: 'x',
    provider: 'kind',
    nodes: [{ name: 'a', roles: ['control-plane'] }],
  })
  expect(requestsMoveOn.ms).toBeLessThanOrEqual(parseDuration(objectives.serviceGap))
})
