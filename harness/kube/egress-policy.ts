import type { V1NetworkPolicyEgressRule, V1NetworkPolicyPeer, V1NetworkPolicySpec } from '@kubernetes/client-node'

import type { Labels } from './network-policy.ts'

/** What pods may send although a policy selects them. */
export interface AllowedEgress {
  /** Left out: to everywhere; a range such as `10.0.0.0/8`; or pods of a namespace (left out: of the policy's own). */
  readonly to?: string | { readonly namespace?: string; readonly pods?: Labels }
  /** Left out: every port. `protocol` is TCP where it is left out. */
  readonly ports?: readonly { readonly port: number; readonly protocol?: 'TCP' | 'UDP' }[]
}

/**
 * A NetworkPolicy's spec that keeps pods with these labels (none: every pod of the namespace) from sending anything but
 * what is allowed. Addresses and ports are those of endpoints, not of Services.
 */
export function egressPolicy(pods: Labels, allowed: readonly AllowedEgress[] = []): V1NetworkPolicySpec {
  return { podSelector: { matchLabels: { ...pods } }, policyTypes: ['Egress'], egress: allowed.map(rule) }
}

function rule({ to, ports }: AllowedEgress): V1NetworkPolicyEgressRule {
  return {
    ...(to !== undefined && { to: [peer(to)] }),
    ...(ports !== undefined && { ports: ports.map(({ port, protocol = 'TCP' }) => ({ port, protocol })) }),
  }
}

function peer(to: NonNullable<AllowedEgress['to']>): V1NetworkPolicyPeer {
  if (typeof to === 'string') return { ipBlock: { cidr: to } }
  const { namespace, pods } = to
  return {
    ...(namespace !== undefined && {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    }),
    podSelector: pods === undefined ? {} : { matchLabels: { ...pods } },
  }
}
