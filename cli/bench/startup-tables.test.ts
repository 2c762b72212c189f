import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { held } from './figures.ts'
import { compare, type Measured, memoryTable, ratioFigures, ratioTable, startupTable } from './startup-tables.ts'

const mebibyte = 1024 ** 2

const kind: Measured = {
  name: 'kind',
  machines: '1 control plane + 1 worker',
  comparisons: [],
  // The second round was twice as slow for all.
  readyAfterMs: [20_000, 40_000, 30_000],
  healthyAfterMs: [21_000, 41_000, 31_000],
  memory: [
    { role: 'control plane with etcd', bytes: 600 * mebibyte },
    { role: 'worker', bytes: 100 * mebibyte },
    { role: 'worker', bytes: 140 * mebibyte },
  ],
}
const kubeadm: Measured = {
  ...kind,
  name: 'kubeadm',
  comparisons: [{ with: 'kind', goal: 0.7 }],
  readyAfterMs: [12_000, 28_000, 22_500],
  memory: [
    { role: 'etcd alone', bytes: 50 * mebibyte },
    { role: 'worker', bytes: 90 * mebibyte },
  ],
}
const floor: Measured = {
  ...kind,
  name: 'floor',
  readyAfterMs: [5_000, null, 6_000],
  healthyAfterMs: [null],
  memory: [],
}

describe('ratios', () => {
  it('are the medians of those of each round, not the ratios of the medians', () => {
    expect(ratioTable([kind, kubeadm])).toMatch(/kubeadm │ kind *│ 3 .* 0\.70 \(0\.60 to 0\.75\) .* ≤ 0\.7 .* yes /)
    expect(ratioFigures([kind, kubeadm])).toMatchObject([{ name: 'kubeadm / kind', goal: 0.7, measured: 0.7 }])
    const slower = { ...kubeadm, readyAfterMs: [12_000, 28_400, 22_500] }
    expect(ratioFigures([kind, slower]).map(held)).toEqual([false])
    expect(ratioTable([kind, slower])).toMatch(/ no /)
  })

  it('leave out a round that lacks one of the two', () => {
    const both = { ...kubeadm, comparisons: [{ with: 'floor', goal: null }] }
    expect(compare([floor, both])).toEqual([{ name: 'kubeadm', with: 'floor', goal: null, ratios: [2.4, 3.75] }])
    expect(ratioTable([floor, both])).toMatch(/kubeadm │ floor │ 2 .* 3\.08 \(2\.40 to 3\.75\) │ {6}│ {6}│/)
    expect(ratioFigures([floor, both])).toEqual([])
  })

  it('are none where one of the two was never started', () => {
    const never = { ...kind, readyAfterMs: [null, null, null] }
    expect(compare([never, kubeadm])).toEqual([])
    expect(compare([kubeadm])).toEqual([])
  })

  it('come of rounds only, wherever they were lost', () => {
    const times = fc.array(fc.option(fc.integer({ min: 1, max: 1e6 })), { maxLength: 10 })
    fc.assert(
      fc.property(times, times, (mine, others) => {
        const all = [
          { ...kubeadm, readyAfterMs: mine },
          { ...kind, readyAfterMs: others },
        ]
        const both = mine.filter((ms, round) => ms !== null && (others[round] ?? null) !== null)
        expect(compare(all).flatMap((compared) => compared.ratios)).toHaveLength(both.length)
      }),
    )
  })
})

it('shows what was started, how often, and how long both took', () => {
  const table = startupTable([kind, floor])
  expect(table).toMatch(/kind .* 3 .* 30\.0 s \(20\.0 to 40\.0\) .* 31\.0 s \(21\.0 to 41\.0\)/)
  expect(table).toMatch(/floor .* 2 .* 5\.5 s \(5\.0 to 6\.0\) *│ *│/)
})

it('shows memory by role, for each cluster and for all', () => {
  const table = memoryTable([kind, kubeadm, floor])
  expect(table).toMatch(/memory per node, MiB *│ kind *│ kubeadm *│ all /)
  expect(table).toMatch(/control plane with etcd *│ 600 *│ *│ 600 /)
  expect(table).toMatch(/etcd alone *│ *│ 50 *│ 50 /)
  expect(table).toMatch(/worker *│ 120 \(100 to 140\) *│ 90 *│ 100 \(90 to 140\) /)
  expect(table).not.toContain('without etcd')
})
