import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { instanceEndsWhen, lockTakenAway } from './sabotage.ts'

const scenarios = await scenariosOf(() => import('./scaling.suite.ts'))

// Its instance says that it leads, and who holds the lock is none of them.
counter(scenarios, 'mirror.single-node-v0.0.17', 'a lock that another holds', {
  expected: { outcome: 'violates', diagnosis: 'election.no-holder' },
  sabotage: lockTakenAway,
})

// v0.7.4 has the same body.
counter(scenarios, 'mirror.scale-out-v0.0.14', 'an instance that ends when a machine has joined', {
  expected: { outcome: 'violates', diagnosis: 'mirror.disturbed' },
  sabotage: instanceEndsWhen('joined'),
  nightly: true,
})

counter(scenarios, 'mirror.scale-in', 'an instance that ends when a machine has left', {
  expected: { outcome: 'violates', diagnosis: 'mirror.disturbed' },
  sabotage: instanceEndsWhen('left'),
})
