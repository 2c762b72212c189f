import { describe, expect, it } from 'vitest'

import { metadata } from '../fake-cluster.ts'
import type { Pod } from '../kube/types.ts'
import { serving } from './serving.ts'

const boots = new Map([['worker', Date.UTC(2026, 0, 1, 0, 0, 5, 500)]])

/** A Ready pod whose containers were started then. */
function pod(nodeName: string, ...startedAt: string[]): Pod {
  const containerStatuses = startedAt.map((time) => ({ state: { running: { startedAt: time } } }))
  const status = { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses }
  // JSON has strings where the library's type says Date, and more fields than are read.
  return { metadata: metadata('p'), spec: { nodeName }, status } as unknown as Pod
}

describe('serving', () => {
  it('is a Ready pod whose containers were all started in the present boot', () => {
    expect(serving(pod('worker', '2026-01-01T00:00:05Z', '2026-01-01T00:00:09Z'), boots)).toBe(true)
    expect(serving(pod('worker', '2026-01-01T00:00:04Z', '2026-01-01T00:00:09Z'), boots)).toBe(false)
  })

  it('is no pod of a machine that is off', () => {
    expect(serving(pod('other', '2026-01-01T00:00:09Z'), boots)).toBe(false)
  })

  it('is no pod that is not Ready, or on its way out', () => {
    const one = pod('worker', '2026-01-01T00:00:09Z')
    expect(serving({ ...one, status: { ...one.status, conditions: [] } }, boots)).toBe(false)
    expect(serving({ ...one, metadata: { ...one.metadata, deletionTimestamp: 'soon' } }, boots)).toBe(false)
  })
})
