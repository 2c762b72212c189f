import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { kubeletEndsToo, membersStopWhen, memberRenamed, settingsLost, strayEngine, writeDeleted } from './sabotage.ts'

const scenarios = await scenariosOf(() => import('./roles.suite.ts'))

counter(scenarios, 'roles.inventory', 'a container engine on a machine of etcd alone', {
  expected: { outcome: 'violates', diagnosis: 'roles.unexpected-tooling' },
  sabotage: strayEngine,
})

counter(scenarios, 'roles.health', 'a kubelet that ends when another machine is struck', {
  expected: { outcome: 'violates', diagnosis: 'roles.unhealthy-member' },
  sabotage: kubeletEndsToo,
})

counter(scenarios, 'roles.etcd-one-down', 'an acknowledged write that is deleted', {
  expected: { outcome: 'violates', diagnosis: 'etcd.write-lost' },
  sabotage: writeDeleted,
})

counter(scenarios, 'roles.etcd-quorum-lost', 'members that do not start again', {
  expected: { outcome: 'violates', diagnosis: 'etcd.quorum-lost' },
  sabotage: settingsLost((nodes) => nodes),
})

counter(scenarios, 'roles.etcd-all-restart', 'two members that do not start again', {
  expected: { outcome: 'violates', diagnosis: 'etcd.quorum-lost' },
  sabotage: settingsLost((nodes) => nodes.slice(1)),
  nightly: true,
})

counter(scenarios, 'roles.etcd-partition', 'a kubelet that ends when another machine is struck', {
  expected: { outcome: 'violates', diagnosis: 'roles.unhealthy-member' },
  sabotage: kubeletEndsToo,
  nightly: true,
})

counter(scenarios, 'roles.etcd-member-replaced', 'a new member that stops once it has its vote', {
  expected: { outcome: 'violates', diagnosis: 'roles.unhealthy-member' },
  sabotage: membersStopWhen(
    ({ source, kind }) => source === 'cluster' && kind === 'joined',
    (nodes) => nodes.slice(-1),
  ),
  nightly: true,
})

counter(scenarios, 'roles.snapshot-restore', 'members that stop after the restoration', {
  expected: { outcome: 'violates', diagnosis: 'etcd.quorum-lost' },
  sabotage: membersStopWhen(
    ({ source, kind }) => source === 'cluster' && kind === 'restored',
    (nodes) => nodes.slice(1),
  ),
  nightly: true,
})

counter(scenarios, 'identity.member-consistency', 'a member that starts again under another name', {
  expected: { outcome: 'violates', diagnosis: 'identity.member-name-mismatch' },
  sabotage: memberRenamed,
})
