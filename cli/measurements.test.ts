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
    { name: 'full recovery with the remedy', value: 9_000, unit: 'ms' },
    { name: 'full recovery without it (predicted)', value: 64_000, unit: 'ms' },
  ])
  expect(lines).toEqual(['full recovery with the remedy / without it (predicted): 9 s / 1 min 4 s'])
})

it('keeps what was measured more than once in one line, in its order', () => {
  const delays = [1_000, 1_100, 2_000, 2_000, 4_000].map((value, index) => ({
    name: `kube-proxy: ${index % 2 === 0 ? 'predicted' : 'measured'} delay`,
    value,
    unit: 'ms',
  }))
  expect(measurementLines(delays)).toEqual(['kube-proxy: predicted/measured delay: 1 s / 1.1 s, 2 s / 2 s, 4 s'])
})

it('keeps units that are no durations, and short durations exact', () => {
  expect(measurementLines([{ name: 'requests lost', value: 3, unit: '' }])).toEqual(['requests lost: 3'])
  expect(measurementLines([{ name: 'gap', value: 90.4, unit: 'ms' }])).toEqual(['gap: 90 ms'])
})
