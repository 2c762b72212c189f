import { counter, scenariosOf } from '../../harness/fixtures.ts'
import { blackholeLeaks, mirrorBypassed, mirrorForgotten, socketElsewhereToo } from './sabotage.ts'

const scenarios = await scenariosOf(() => import('./mirror.suite.ts'))

const upstreamAsked = { outcome: 'violates', diagnosis: 'mirror.upstream-asked' } as const

counter(scenarios, 'mirror.holder-node-lost', 'a machine that goes around its mirror', {
  expected: upstreamAsked,
  sabotage: mirrorBypassed,
  nightly: true,
})

counter(scenarios, 'mirror.containerd-restart', 'a machine that goes around its mirror', {
  expected: upstreamAsked,
  sabotage: mirrorBypassed,
  nightly: true,
})

counter(scenarios, 'mirror.daemonset-restart', 'a machine that goes around its mirror', {
  expected: upstreamAsked,
  sabotage: mirrorBypassed,
  nightly: true,
})

counter(scenarios, 'mirror.upstream-back', 'a black hole that leaks', {
  expected: upstreamAsked,
  sabotage: blackholeLeaks,
})

counter(scenarios, 'mirror.upstream-bytes', 'a machine that was told of no mirror', {
  expected: upstreamAsked,
  sabotage: mirrorForgotten,
  nightly: true,
})

counter(scenarios, 'mirror.pull-through', 'a machine that goes around its mirror', {
  expected: upstreamAsked,
  sabotage: mirrorBypassed,
})

// What is declared to violate does so for want of the socket alone.
counter(scenarios, 'mirror.socket-path', 'a socket that is there', {
  expected: { outcome: 'conforms', diagnosis: '' },
  sabotage: socketElsewhereToo,
})
