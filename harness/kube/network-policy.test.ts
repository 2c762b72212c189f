import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  allowedPorts,
  type Destination,
  egressAllowed,
  egressPolicies,
  inRange,
  type NetworkPolicy,
  selects,
} from './network-policy.ts'

const api: Destination = { ip: '172.18.0.12', port: 6443, protocol: 'TCP' }
const dns: Destination = {
  ip: '10.244.0.2',
  port: 53,
  protocol: 'UDP',
  pod: {
    labels: { 'k8s-app': 'kube-dns' },
    namespace: 'kube-system',
    namespaceLabels: { 'kubernetes.io/metadata.name': 'kube-system' },
  },
}

function policy(spec: NetworkPolicy['spec']): NetworkPolicy {
  const metadata = { name: 'p', namespace: 'spegel', uid: 'u', resourceVersion: '1', creationTimestamp: '' }
  return { metadata, ...(spec === undefined ? {} : { spec }) }
}

describe('which policies select a sender', () => {
  const labels = { app: 'spegel' }

  it.each<[string, NetworkPolicy['spec'], boolean]>([
    ['everything, for egress', { podSelector: {}, policyTypes: ['Egress'] }, true],
    ['its label', { podSelector: { matchLabels: { app: 'spegel' } }, policyTypes: ['Ingress', 'Egress'] }, true],
    ['another label', { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Egress'] }, false],
    ['everything, for ingress', { podSelector: {}, policyTypes: ['Ingress'] }, false],
    ['everything, with rules and no types', { podSelector: {}, egress: [] }, true],
    ['everything, without rules and types', { podSelector: {} }, false],
  ])('%s', (_, spec, selected) => {
    expect(egressPolicies([policy(spec)], labels)).toHaveLength(selected ? 1 : 0)
  })
})

describe('what passes', () => {
  it('is everything without a policy, and nothing with one that has no rule', () => {
    expect(egressAllowed([], api)).toBe(true)
    expect(egressAllowed([policy({ podSelector: {}, policyTypes: ['Egress'] })], api)).toBe(false)
  })

  it('is what any policy allows, by address and port', () => {
    const closed = policy({ podSelector: {}, policyTypes: ['Egress'] })
    const open = policy({
      podSelector: {},
      egress: [{ to: [{ ipBlock: { cidr: '172.18.0.12/32' } }], ports: [{ port: 6443, protocol: 'TCP' }] }],
    })
    expect(egressAllowed([closed, open], api)).toBe(true)
    expect(egressAllowed([closed, open], { ...api, port: 443 })).toBe(false)
    expect(egressAllowed([closed, open], { ...api, ip: '172.18.0.13' })).toBe(false)
    expect(egressAllowed([closed, open], { ...api, protocol: 'UDP' })).toBe(false)
    expect(allowedPorts([closed, open], { ...api, port: 443 })).toEqual([6443])
  })

  it('is what a pod selector names, in the namespaces that it names', () => {
    const to = (peer: object) => [
      policy({ podSelector: {}, egress: [{ to: [peer], ports: [{ port: 53, protocol: 'UDP' }] }] }),
    ]
    expect(
      egressAllowed(to({ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }), dns),
    ).toBe(true)
    expect(egressAllowed(to({ podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }), dns)).toBe(false)
    expect(egressAllowed(to({ namespaceSelector: {} }), api)).toBe(false)
  })

  it('honours exceptions and ranges of ports', () => {
    const rules = [
      policy({
        podSelector: {},
        egress: [
          { to: [{ ipBlock: { cidr: '172.18.0.0/16', except: ['172.18.0.12/32'] } }] },
          { ports: [{ port: 8000, endPort: 9000 }] },
        ],
      }),
    ]
    expect(egressAllowed(rules, api)).toBe(false)
    expect(egressAllowed(rules, { ...api, ip: '172.18.0.11' })).toBe(true)
    expect(egressAllowed(rules, { ...api, port: 8500 })).toBe(true)
  })
})

describe('selectors', () => {
  it.each([
    ['In', ['a'], true],
    ['In', ['b'], false],
    ['NotIn', ['a'], false],
    ['NotIn', ['b'], true],
    ['Exists', undefined, true],
    ['DoesNotExist', undefined, false],
  ] as const)('%s %j', (operator, values, selected) => {
    const expression = { key: 'x', operator, ...(values === undefined ? {} : { values: [...values] }) }
    expect(selects({ matchExpressions: [expression] }, { x: 'a' })).toBe(selected)
  })

  it('with more demands select no more', () => {
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'))
    fc.assert(
      fc.property(labels, labels, labels, (had, some, more) => {
        fc.pre(selects({ matchLabels: { ...some, ...more } }, had))
        expect(selects({ matchLabels: some }, had) || Object.keys(more).some((key) => key in some)).toBe(true)
      }),
    )
  })
})

it('a range holds the addresses that share its prefix', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  fc.assert(
    fc.property(octets, (parts) => {
      const ip = parts.join('.')
      expect(inRange(ip, `${ip}/32`)).toBe(true)
      expect(inRange(ip, '0.0.0.0/0')).toBe(true)
      expect(inRange(ip, `${parts[0]}.${parts[1]}.0.0/16`)).toBe(true)
      expect(inRange(ip, `${255 - parts[0]}.0.0.0/8`)).toBe(false)
    }),
  )
})
