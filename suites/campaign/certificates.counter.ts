import { scenariosOf } from '../../harness/fixtures.ts'
import { authorityUnknown, kubeletExpired, pairExpired, schedulerExpired } from './certificate-sabotage.ts'
import { choose, counter, inSeededOrder } from './seeded.ts'

// Certificates that have run out while what shows them ran on: it comes to light with the next reboot.
const afterReboot = await scenariosOf(() => import('../recovery/daemonset-after-reboot.suite.ts'))
const controlPlane = await scenariosOf(() => import('../recovery/control-plane-reboot.scenario.ts'))

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet whose certificate has run out', {
  expected: { outcome: 'violates', diagnosis: 'machine.certificate-expired' },
  sabotage: kubeletExpired,
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet that knows another authority', {
  expected: { outcome: 'violates', diagnosis: 'machine.api-not-trusted' },
  sabotage: authorityUnknown,
})

counter(controlPlane, 'recovery.control-plane-reboot', 'an API server whose certificate has run out', {
  expected: { outcome: 'violates', diagnosis: 'component.certificate-expired' },
  sabotage: pairExpired('apiserver'),
})

const side = choose('side between API server and etcd', ['apiserver-etcd-client', 'etcd-server'] as const)

counter(controlPlane, 'recovery.control-plane-reboot', 'a certificate between API server and etcd that has run out', {
  expected: { outcome: 'violates', diagnosis: 'component.certificate-expired' },
  choice: side,
  sabotage: pairExpired(side),
})

counter(controlPlane, 'recovery.control-plane-reboot', 'a scheduler whose certificate has run out', {
  expected: { outcome: 'violates', diagnosis: 'component.certificate-expired' },
  sabotage: schedulerExpired,
})

inSeededOrder()
