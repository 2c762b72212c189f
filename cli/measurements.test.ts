import { expect, it } from 'vitest'

import { measurementLines } from './measurements.ts'

it('sets the predicted and the measured side by side', () => {
  const lines = measurementLines([
    { name: 'kube-proxy: predicted delay', value: 32_000, unit: 'ms' },
    { name: 'kube-proxy: measured delay', value: 32_412, unit: 'ms' },
    { name: 'node Ready after', value: 5_900, unit: 'ms' },
  ])
  expect(lines).toEqual(['kube-proxy: predicted/measured delay: 32 s / 32.4 s', 'node Ready after: 5.9 s'])
})

it('sets a recovery with a remedy beside the one without', () => {
  const lines = measurementLines([
    { name: 'recovery without the remedy', value: 64_000, unit: 'ms' },
    { name: 'recovery with the remedy', value: 9_000, unit: 'ms' },
  ])
  expect(lines).toEqual(['recovery without/with the remedy: 1 min 4 s / 9 s'])
})

it('keeps units that are no durations, and short durations exact', () => {
  expect(measurementLines([{ name: 'requests lost', value: 3, unit: '' }])).toEqual(['requests lost: 3'])
  expect(measurementLines([{ name: 'gap', value: 90.4, unit: 'ms' }])).toEqual(['gap: 90 ms'])
})
