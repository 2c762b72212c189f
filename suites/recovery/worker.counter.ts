import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { agentImageGone, failedPodLeft, firstWorker, kubeletNeverReturns } from './sabotage.ts'

const afterReboot = await scenariosOf(() => import('./daemonset-after-reboot.suite.ts'))
const drained = await scenariosOf(() => import('./drained-reboot.suite.ts'))

counter(drained, 'recovery.drained-reboot', 'a Failed pod that nobody removes', {
  expected: { outcome: 'violates', diagnosis: 'recovery.failed-pods-left' },
  sabotage: failedPodLeft,
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a DaemonSet whose image is gone', {
  expected: { outcome: 'violates', diagnosis: 'recovery.image-missing' },
  sabotage: agentImageGone,
})

counter(afterReboot, 'recovery.daemonset-after-reboot', 'a kubelet that never registers again', {
  expected: { outcome: 'violates', diagnosis: 'recovery.node-not-ready' },
  sabotage: kubeletNeverReturns(firstWorker),
  nightly: true,
})
