import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { imposterTakesLease } from './sabotage.ts'

const scenarios = await scenariosOf(() => import('./control-plane.suite.ts'))

counter(scenarios, 'election.control-plane-leases', 'one that takes the lease while its holder still leads', {
  expected: { outcome: 'violates', diagnosis: 'election.two-holders' },
  sabotage: imposterTakesLease,
})
