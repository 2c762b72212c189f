import type {
  V1LabelSelector,
  V1NetworkPolicy,
  V1NetworkPolicyPeer,
  V1NetworkPolicyPort,
} from '@kubernetes/client-node'

import type { Served } from './types.ts'

export type NetworkPolicy = Served<V1NetworkPolicy>
export type Labels = Readonly<Record<string, string>>

/** Where a packet goes, as an enforcer sees it: after a Service's address was replaced by an endpoint's. */
export interface Destination {
  readonly ip: string
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
  /** The pod at that address, and its namespace's labels; left out: no pod of the pod network. */
  readonly pod?: { readonly labels: Labels; readonly namespace: string; readonly namespaceLabels: Labels }
}

/** The policies of a namespace that restrict what a pod with these labels sends. */
export function egressPolicies(policies: readonly NetworkPolicy[], labels: Labels): NetworkPolicy[] {
  return policies.filter(({ spec }) => {
    if (spec === undefined || !selects(spec.podSelector ?? {}, labels)) return false
    // Left out, the types follow from the rules: egress only where there are any.
    return spec.policyTypes?.includes('Egress') ?? spec.egress !== undefined
  })
}

/**
 * Whether these policies, all of which select the sender, let a packet through: without any everything passes, with
 * several what any of them allows (kubernetes.io/docs/concepts/services-networking/network-policies).
 */
export function egressAllowed(policies: readonly NetworkPolicy[], to: Destination): boolean {
  if (policies.length === 0) return true
  return policies.some(({ metadata, spec }) =>
    (spec?.egress ?? []).some(
      (rule) => portMatches(rule.ports, to) && peerMatches(rule.to, to, metadata.namespace ?? 'default'),
    ),
  )
}

/** The ports of a destination's address that the policies let through. */
export function allowedPorts(policies: readonly NetworkPolicy[], to: Destination): number[] {
  const named = policies.flatMap(({ spec }) => (spec?.egress ?? []).flatMap(({ ports }) => ports ?? []))
  const candidates = new Set(named.map(({ port }) => Number(port)).filter((port) => Number.isInteger(port)))
  return [...candidates].filter((port) => egressAllowed(policies, { ...to, port })).toSorted((a, b) => a - b)
}

/** Whether a label selector selects these labels; an empty one selects everything. */
export function selects({ matchLabels = {}, matchExpressions = [] }: V1LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key]
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value)
        case 'NotIn':
          return value === undefined || !values.includes(value)
        case 'Exists':
          return value !== undefined
        default:
          return value === undefined
      }
    })
  )
}

function portMatches(ports: readonly V1NetworkPolicyPort[] | undefined, { port, protocol }: Destination): boolean {
  if (ports === undefined || ports.length === 0) return true
  return ports.some((allowed) => {
    if ((allowed.protocol ?? 'TCP') !== protocol) return false
    if (allowed.port === undefined) return true
    const first = Number(allowed.port)
    return port >= first && port <= (allowed.endPort ?? first)
  })
}

function peerMatches(
  peers: readonly V1NetworkPolicyPeer[] | undefined,
  { ip, pod }: Destination,
  namespace: string,
): boolean {
  if (peers === undefined || peers.length === 0) return true
  return peers.some(({ ipBlock, podSelector, namespaceSelector }) => {
    if (ipBlock !== undefined) {
      return inRange(ip, ipBlock.cidr) && !(ipBlock.except ?? []).some((range) => inRange(ip, range))
    }
    if (pod === undefined) return false
    const inNamespace =
      namespaceSelector === undefined ? pod.namespace === namespace : selects(namespaceSelector, pod.namespaceLabels)
    return inNamespace && selects(podSelector ?? {}, pod.labels)
  })
}

/** Whether an IPv4 address lies in a range such as `10.0.0.0/8`. */
export function inRange(ip: string, cidr: string): boolean {
  const [network = '', length = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(length))
  return Math.floor(toNumber(ip) / size) === Math.floor(toNumber(network) / size)
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}
