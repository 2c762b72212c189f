import type { Mirror } from './mirror.ts'

/**
 * The mirror that k3s is started with by `--embedded-registry`: Spegel within k3s itself, at the supervisor's port and
 * behind its client certificates, which nobody but its own container runtime has.
 */
export const k3sEmbeddedMirror: Mirror = {
  name: 'k3s embedded registry',
  electorate: null,
  peerPort: null,
  servesAlone: true,
  resolve: { name: 'mirror resolve timeout', ms: 5_000, source: 'k3s pkg/spegel: DefaultRouter' },
  endpoint: null,
  announce: () => Promise.resolve(false),
  prepare: () => Promise.resolve(),
}
