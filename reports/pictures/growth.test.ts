import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type GrowthColumn, growthPicture } from './growth.ts'
import { drawn } from './sample-svg.ts'

const columns: GrowthColumn[] = [
  {
    title: 'nodes',
    panels: [
      {
        title: 'Ready after, s',
        points: [
          { x: 1, y: 12.9, series: 'Ready' },
          { x: 12, y: 61.25, series: 'Ready' },
        ],
      },
      {
        title: 'lateness of the watch, ms',
        points: [
          { x: 1, y: 5, series: 'p50' },
          { x: 1, y: 20, series: 'p99' },
          { x: 12, y: 6, series: 'p50' },
          { x: 12, y: 41, series: 'p99' },
        ],
      },
      { title: 'nothing', points: [] },
    ],
  },
  { title: 'pods', panels: [{ title: 'memory, GiB', points: [{ x: 10, y: 1.5, series: 'machines' }] }] },
]

describe('the picture of growth', () => {
  it('has a chart for each cost, named where a chart has several lines', async () => {
    const { texts, width, description } = drawn(await growthPicture(columns, 'What work costs as it grows'))
    expect(texts).toEqual(expect.arrayContaining(['What work costs as it grows', 'Ready after, s', 'memory, GiB']))
    expect(texts.filter((text) => text === 'p50' || text === 'p99')).toEqual(['p50', 'p99'])
    expect(texts).not.toContain('nothing')
    expect(texts).not.toContain('machines')
    expect(description).toContain('Ready after, s: 12.9 at 1 nodes, 61.3 at 12.')
    expect(width).toBeLessThanOrEqual(960)
  })

  it('says of each point what it is', async () => {
    expect(await growthPicture(columns, 'a')).toContain('<title>p99: 41 at 12 nodes</title>')
  })

  it('is not drawn of nothing', async () => {
    expect(await growthPicture([], 'a')).toBeNull()
    expect(await growthPicture([{ title: 'nodes', panels: [{ title: 'x', points: [] }] }], 'a')).toBeNull()
  })

  it('is drawn of whatever was measured', async () => {
    const point = fc.record({ x: fc.nat(5_000), y: fc.double({ min: 0, max: 1e6, noNaN: true }), series: fc.string() })
    await fc.assert(
      fc.asyncProperty(fc.array(point, { minLength: 1, maxLength: 5 }), async (points) => {
        const svg = await growthPicture([{ title: 'pods', panels: [{ title: 'cost', points }] }], 'a')
        expect(drawn(svg).elements.has('svg')).toBe(true)
      }),
      { numRuns: 20 },
    )
  })
})
