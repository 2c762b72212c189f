import { expect, it } from 'vitest'

import { sampleVerdict, sampleViolation } from '../reports/sample-verdict.ts'
import { verdictDetails } from './verdict-details.ts'

it('has nothing to add to a plain pass', () => {
  expect(verdictDetails([sampleVerdict()])).toBe('')
})

it('names the cause, what helps and where upstream says so', () => {
  expect(verdictDetails([sampleVerdict(), sampleViolation()])).toBe(
    [
      'recovery.reboot-storm on kind: violates',
      '  recovery.daemonset-backoff: kube-proxy waits 64 s on worker-1',
      '  what helps',
      '    - restart kube-controller-manager',
      '    - change the pod template',
      '  upstream',
      '    - pkg/controller/daemon',
      '  diagnostics: bundles/recovery.reboot-storm',
    ].join('\n'),
  )
})

it('gives the reason where there is no diagnosis', () => {
  const verdict = sampleVerdict({
    outcome: 'inconclusive',
    reason: 'the host stood still for 3.0 s\nlate: not within 1 s',
  })
  expect(verdictDetails([verdict]).split('\n')).toEqual([
    'recovery.power-cut on kind: inconclusive',
    '  the host stood still for 3.0 s',
    '  late: not within 1 s',
  ])
})

it('shows what was measured also where all is well', () => {
  const measurements = [{ name: 'node Ready after', value: 5_900, unit: 'ms' }]
  expect(verdictDetails([sampleVerdict({ measurements })])).toContain('    node Ready after: 5.9 s')
})

it('breaks long lines between words where it is told how wide the terminal is', () => {
  const text = verdictDetails([sampleViolation()], { width: 30 })
  expect(text).toContain('  recovery.daemonset-backoff:\n    kube-proxy waits 64 s on\n    worker-1\n')
})

it('says once what several repetitions say', () => {
  const text = verdictDetails([sampleViolation(), sampleViolation()])
  expect(text).toContain('recovery.reboot-storm on kind: violates, 2 times; of the first:')
  expect(text.match(/what helps/g)).toHaveLength(1)
})
