import { expect, it } from 'vitest'

import { shortage } from './growth.ts'
import { clusterOf } from './growing-nodes.ts'
import { growthColumns, growthTables } from './growth-tables.ts'

const gibibyte = 1024 ** 3

const growth = {
  nodes: [
    { size: 1, readyAfterMs: 12_900, machinesBytes: gibibyte / 2, residentBytes: 1e8, p50Ms: 4, p99Ms: 21, lost: 0 },
    { size: 12, readyAfterMs: 61_000, machinesBytes: 1.5 * gibibyte, residentBytes: 2e8, p50Ms: 6, p99Ms: 44, lost: 0 },
  ],
  pods: [],
  events: [
    {
      asked: 5_000,
      came: 4_998.4,
      p50Ms: 2,
      p99Ms: 31.5,
      timersP99Ms: 9,
      processorShare: 0.62,
      residentBytes: 2e8,
      lost: 0,
    },
  ],
  missing: ['500 pods: not measured'],
}

it('shows each size beside what it costs, and what was not measured', () => {
  const text = growthTables(growth)
  expect(text).toMatch(/12 .* 61\.0 s .* 1\.50 GiB .* 191 MiB .* 6\.0 ms .* 44\.0 ms/)
  expect(text).toMatch(/5000 .* 4998 .* 62 % of a core .* 31\.5 ms .* 9\.0 ms/)
  expect(text).toMatch(/500 pods: not measured$/)
  expect(text).not.toContain('│ pods')
})

it('draws a point for each cost of each size', () => {
  const [nodes, pods, events] = growthColumns(growth)
  expect(nodes?.panels.map(({ points }) => points.length)).toEqual([2, 2, 2, 4])
  expect(pods?.panels.flatMap(({ points }) => points)).toEqual([])
  expect(events?.panels[0]?.points).toEqual([{ x: 5_000, y: 62, series: 'processor, % of a core' }])
})

it('measures nothing that would leave the host short of memory', () => {
  expect(shortage(gibibyte, 3 * gibibyte)).toBeNull()
  expect(shortage(gibibyte, 3 * gibibyte - 1)).toBe(
    'not measured: 3.0 GiB are free, and 1.0 GiB and 2.0 GiB to spare are needed',
  )
})

it.each([1, 3, 6, 12])('makes clusters of %d nodes, one of them a control plane', (size) => {
  const { nodes, name } = clusterOf(size)
  expect(nodes).toHaveLength(size)
  expect(nodes.filter(({ roles }) => roles.includes('control-plane'))).toHaveLength(1)
  expect(name).toBe(`growth-${size}`)
})
