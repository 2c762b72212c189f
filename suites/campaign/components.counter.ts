import { scenariosOf } from '../../harness/fixtures.ts'
import { besideAll, onControlPlane, stopForGood } from './machine-sabotage.ts'
import { manifestChanged, writesDenied } from './component-sabotage.ts'
import { counter, inSeededOrder } from './seeded.ts'

// Components of the control plane that do not come back from its reboot as they were.
const controlPlane = await scenariosOf(() => import('../recovery/control-plane-reboot.scenario.ts'))

counter(controlPlane, 'recovery.control-plane-reboot', 'an API server with an admission plugin that nobody knows', {
  expected: { outcome: 'violates', diagnosis: 'component.misconfigured' },
  sabotage: manifestChanged('kube-apiserver', 's/--enable-admission-plugins=[^ ]*/&,Nonsense/'),
})

counter(
  controlPlane,
  'recovery.control-plane-reboot',
  'an API server with an admission plugin that denies everything',
  {
    expected: { outcome: 'violates', diagnosis: 'component.writes-refused' },
    sabotage: manifestChanged('kube-apiserver', 's/--enable-admission-plugins=[^ ]*/&,AlwaysDeny/'),
  },
)

counter(controlPlane, 'recovery.control-plane-reboot', 'a webhook that must answer and is not there', {
  expected: { outcome: 'violates', diagnosis: 'component.writes-refused' },
  sabotage: writesDenied,
})

counter(controlPlane, 'recovery.control-plane-reboot', 'an API server that may have too little memory', {
  expected: { outcome: 'violates', diagnosis: 'component.out-of-memory' },
  // A fifth of what it takes on an empty cluster.
  sabotage: manifestChanged('kube-apiserver', String.raw`s/^    resources:$/&\n      limits:\n        memory: 48Mi/`),
})

counter(controlPlane, 'recovery.control-plane-reboot', 'a controller-manager with a flag that nobody knows', {
  expected: { outcome: 'violates', diagnosis: 'component.misconfigured' },
  sabotage: manifestChanged(
    'kube-controller-manager',
    String.raw`s/^    - kube-controller-manager$/&\n    - --nonsense=1/`,
  ),
})

counter(controlPlane, 'recovery.control-plane-reboot', 'a scheduler that is stopped by a signal', {
  expected: { outcome: 'violates', diagnosis: 'recovery.scheduler-down' },
  sabotage: onControlPlane({ strike: (_, node) => besideAll(node, stopForGood('kube-scheduler')), mend: '' }),
})

inSeededOrder()
