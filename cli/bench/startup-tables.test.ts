import { expect, it } from 'vitest'

import { held } from './figures.ts'
import { type Measured, memoryTable, ratioFigures, startupTable } from './startup-tables.ts'

const mebibyte = 1024 ** 2

const kind: Measured = {
  name: 'kind',
  machines: '1 control plane + 1 worker',
  goal: null,
  // The second round was twice as slow for all.
  readyAfterMs: [20_000, 40_000, 30_000],
  memory: [
    { role: 'control plane with etcd', bytes: 600 * mebibyte },
    { role: 'worker', bytes: 100 * mebibyte },
    { role: 'worker', bytes: 140 * mebibyte },
  ],
}
const kubeadm: Measured = {
  ...kind,
  name: 'kubeadm',
  goal: 0.7,
  readyAfterMs: [12_000, 28_000, 22_500],
  memory: [
    { role: 'etcd alone', bytes: 50 * mebibyte },
    { role: 'worker', bytes: 90 * mebibyte },
  ],
}

it('takes the median of the ratios of each round, not the ratio of the medians', () => {
  expect(startupTable([kind, kubeadm], kind)).toMatch(
    /kubeadm .* 22\.5 s \(12\.0 to 28\.0\) .* 0\.70 \(0\.60 to 0\.75\) .* ≤ 0\.7 .* yes /,
  )
  expect(startupTable([kind], kind)).toMatch(
    /kind .* 30\.0 s \(20\.0 to 40\.0\) .* 1\.00 \(1\.00 to 1\.00\) │ {6}│ {6}│/,
  )
})

it('has a figure for what has a goal', () => {
  expect(ratioFigures([kind, kubeadm], kind)).toMatchObject([{ name: 'kubeadm', goal: 0.7, measured: 0.7 }])
  const slower = { ...kubeadm, readyAfterMs: [12_000, 28_400, 22_500] }
  expect(ratioFigures([kind, slower], kind).map(held)).toEqual([false])
  expect(startupTable([slower], kind)).toMatch(/ no /)
})

it('shows memory by role, for each cluster and for all', () => {
  const table = memoryTable([kind, kubeadm])
  expect(table).toMatch(/memory per node, MiB *│ kind *│ kubeadm *│ all /)
  expect(table).toMatch(/control plane with etcd *│ 600 *│ *│ 600 /)
  expect(table).toMatch(/etcd alone *│ *│ 50 *│ 50 /)
  expect(table).toMatch(/worker *│ 120 \(100 to 140\) *│ 90 *│ 100 \(90 to 140\) /)
  expect(table).not.toContain('without etcd')
})
