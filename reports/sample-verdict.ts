import type { Verdict } from '../harness/verdict.ts'

/** A verdict for unit tests: `conforms`, with the fields replaced that a test is about. */
export function sampleVerdict(changes: Partial<Verdict> = {}): Verdict {
  return {
    scenario: 'recovery.power-cut',
    cluster: 'kind',
    distribution: { name: 'kind', version: '0.33.0', kubernetes: 'v1.34.4' },
    outcome: 'conforms',
    reason: '',
    expected: null,
    diagnosis: null,
    expectations: [],
    faults: [],
    measurements: [],
    journal: 'journal/power-cut-abcd1234.jsonl',
    bundle: null,
    ...changes,
  }
}

/** What an affected setup gives. */
export function sampleViolation(changes: Partial<Verdict> = {}): Verdict {
  return sampleVerdict({
    scenario: 'recovery.reboot-storm',
    outcome: 'violates',
    reason:
      'every DaemonSet pod is Ready again: not within 60 s\n  last observations:\n    at 61.0 s: kube-proxy Failed',
    diagnosis: {
      code: 'recovery.daemonset-backoff',
      summary: 'kube-proxy waits 64 s on worker-1',
      remedies: ['restart kube-controller-manager', 'change the pod template'],
      upstream: ['pkg/controller/daemon'],
    },
    bundle: 'bundles/recovery.reboot-storm',
    ...changes,
  })
}
