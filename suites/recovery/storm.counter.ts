import { counter, scenariosOf } from '../../harness/fixtures.ts'
import {
  componentLostWhen,
  kubeletNeverReturns,
  secondWorker,
  templateWithoutImage,
  withoutComponent,
} from './sabotage.ts'

const storms = await scenariosOf(() => import('./reboot-storm.suite.ts'))

counter(storms, 'recovery.reboot-storm', 'a controller-manager kept from running', {
  expected: { outcome: 'violates', diagnosis: 'recovery.controller-manager-down' },
  sabotage: withoutComponent('kube-controller-manager'),
})

counter(storms, 'recovery.remedy.restart-controller-manager', 'a controller-manager that does not come back', {
  expected: { outcome: 'violates', diagnosis: 'recovery.controller-manager-down' },
  sabotage: componentLostWhen('restarting', 'kube-controller-manager'),
  nightly: true,
})

counter(storms, 'recovery.remedy.change-pod-template', 'a template whose image nobody has', {
  expected: { outcome: 'violates', diagnosis: 'recovery.image-missing' },
  sabotage: templateWithoutImage,
  nightly: true,
})

counter(storms, 'recovery.remedy.second-worker', 'a second worker that never registers', {
  expected: { outcome: 'violates', diagnosis: 'recovery.node-not-ready' },
  sabotage: kubeletNeverReturns(secondWorker),
  nightly: true,
})
