import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { componentLostWhen, firstWorker, kubeletNeverReturns } from './sabotage.ts'

const powerCut = await scenariosOf(() => import('./power-cut.suite.ts'))
const controlPlane = await scenariosOf(() => import('./control-plane-reboot.scenario.ts'))
const coldStart = await scenariosOf(() => import('./cold-start.scenario.ts'))

counter(powerCut, 'recovery.power-cut', 'a kubelet that never registers again', {
  expected: { outcome: 'violates', diagnosis: 'recovery.node-not-ready' },
  sabotage: kubeletNeverReturns(firstWorker),
})

counter(controlPlane, 'recovery.control-plane-reboot', 'a scheduler that stays down', {
  expected: { outcome: 'violates', diagnosis: 'recovery.scheduler-down' },
  sabotage: componentLostWhen('struck', 'kube-scheduler'),
})

counter(controlPlane, 'recovery.control-plane-reboot', 'an API server that stays down', {
  expected: { outcome: 'violates', diagnosis: 'recovery.api-unavailable' },
  sabotage: componentLostWhen('struck', 'kube-apiserver'),
  nightly: true,
})

counter(coldStart, 'recovery.cold-start', 'a kubelet that never registers again', {
  expected: { outcome: 'violates', diagnosis: 'recovery.node-not-ready' },
  sabotage: kubeletNeverReturns(firstWorker),
  nightly: true,
})

// Nothing needs one meanwhile, and every pod is Ready.
counter(coldStart, 'recovery.cold-start', 'a scheduler that stays down', {
  expected: { outcome: 'violates', diagnosis: 'recovery.scheduler-down' },
  sabotage: componentLostWhen('healed', 'kube-scheduler'),
  nightly: true,
})
