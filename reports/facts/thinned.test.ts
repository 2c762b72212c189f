import fc from 'fast-check'
import { expect, it } from 'vitest'

import { Thinned } from './thinned.ts'

it('keeps the first and the last point, in their order, and no more than it may and one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 2, max: 40 }), (count, most) => {
      const thinned = new Thinned<number>(most)
      const points = Array.from({ length: count }, (_, index) => index)
      for (const point of points) thinned.add(point)
      const kept = thinned.all()
      expect(kept).toEqual(kept.toSorted((a, b) => a - b))
      expect(thinned.count).toBe(count)
      expect(kept.length).toBeLessThanOrEqual(most + 1)
      expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)])
      if (count <= most) expect(kept).toEqual(points)
    }),
  )
})
