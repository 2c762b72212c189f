import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { imageGone, instanceEndsWhen } from './sabotage.ts'

const scenarios = await scenariosOf(() => import('./scaling.suite.ts'))

counter(scenarios, 'mirror.single-node', 'an image that is gone again', {
  expected: { outcome: 'violates', diagnosis: 'mirror.not-resolved' },
  sabotage: imageGone,
})

// v0.0.14 has the same body.
counter(scenarios, 'mirror.scale-out-v0.7.4', 'an instance that ends when a machine has joined', {
  expected: { outcome: 'violates', diagnosis: 'mirror.disturbed' },
  sabotage: instanceEndsWhen('joined'),
})

counter(scenarios, 'mirror.scale-in', 'an instance that ends when a machine has left', {
  expected: { outcome: 'violates', diagnosis: 'mirror.disturbed' },
  sabotage: instanceEndsWhen('left'),
})
