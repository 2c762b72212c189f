import { counter, scenariosOf } from '../../harness/fixtures.ts'
import {
  egressBlockedOnNodesToo,
  instanceEndsAgain,
  lockDeleted,
  lockDeletedWhileCutOff,
  nobodyEnforces,
  rightsTwice,
} from './sabotage.ts'

const egress = await scenariosOf(() => import('./egress.suite.ts'))
const rights = await scenariosOf(() => import('./rights.suite.ts'))

/** A fault that leaves no trace: neither a pass, nor a blame. */
const nothingSaid = (reason: string) => ({ outcome: 'inconclusive', diagnosis: '', reason }) as const

// What must conform can fail. Those with other versions have the same bodies.

counter(egress, 'election.api-egress-blocked-v0.7.4-policy', 'an instance that ends again', {
  expected: { outcome: 'violates', diagnosis: 'election.pods-not-running' },
  sabotage: instanceEndsAgain,
})

counter(rights, 'election.least-privilege-egress', 'nodes that drop what the policy allows', {
  expected: { outcome: 'violates', diagnosis: 'election.api-egress-blocked' },
  sabotage: egressBlockedOnNodesToo,
  nightly: true,
})

counter(rights, 'election.lock-precreated', 'a lock that is deleted', {
  expected: { outcome: 'violates', diagnosis: 'election.rbac-denied' },
  sabotage: lockDeleted,
  nightly: true,
})

counter(rights, 'election.leader-partitioned', 'a lock that is deleted while its holder is cut off', {
  expected: { outcome: 'violates', diagnosis: 'election.two-holders' },
  sabotage: lockDeletedWhileCutOff,
})

// What is declared to violate does so because of its fault alone: without it, nothing is said.

counter(rights, 'election.rbac-missing', 'rights that come by another binding too', {
  expected: nothingSaid('revoke-rbac: '),
  sabotage: rightsTwice,
})

counter(egress, 'election.api-egress-blocked-elector', 'a policy that nobody enforces', {
  expected: nothingSaid('NetworkPolicy is not enforced on '),
  sabotage: nobodyEnforces,
})
