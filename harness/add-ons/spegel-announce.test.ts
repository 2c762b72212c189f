import { expect, it } from 'vitest'

import { hasNoContentEvents } from './spegel-announce.ts'

it.each([
  ['containerd github.com/containerd/containerd 1.7.24~ds1 1.7.24~ds1-6+deb13u1', true],
  ['containerd github.com/containerd/containerd/v2 v2.1.4 75cb2b7193e4', false],
  ['containerd github.com/k3s-io/containerd v2.0.5-k3s1.32', false],
])('tells by its version whether containerd says what content it got: %s', (version, lacks) => {
  expect(hasNoContentEvents(version)).toBe(lacks)
})
