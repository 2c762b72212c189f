import { describe, expect, it } from 'vitest'

import type { NetworkPolicy } from '../kube/network-policy.ts'
import { type Candidate, type ElectionFacts, explainElection } from './election.ts'

const labels = { app: 'spegel' }

function candidate(change: Partial<Candidate> = {}): Candidate {
  return {
    pod: 'spegel-1',
    labels,
    ready: false,
    restarts: 0,
    backoffMs: null,
    waiting: null,
    lockError: null,
    ...change,
  }
}

function policy(name: string, egress: NonNullable<NetworkPolicy['spec']>['egress']): NetworkPolicy {
  const metadata = { name, namespace: 'spegel', uid: name, resourceVersion: '1', creationTimestamp: '' }
  return { metadata, spec: { podSelector: {}, policyTypes: ['Egress'], ...(egress === undefined ? {} : { egress }) } }
}

function explain(change: Partial<ElectionFacts>) {
  const { code, summary } = explainElection({
    subject: 'spegel v0.0.17',
    candidates: [candidate()],
    policies: [],
    apiServers: [{ ip: '172.18.0.12', port: 6443, protocol: 'TCP' }],
    service: { ip: '10.96.0.1', port: 443 },
    ...change,
  })
  return { code, summary }
}

const timeout = 'Get "https://10.96.0.1:443/api/v1/x": dial tcp 10.96.0.1:443: i/o timeout'
const dnsRule = { ports: [{ port: 53, protocol: 'UDP' }] }
const toApi = (port: number) => ({ to: [{ ipBlock: { cidr: '172.18.0.12/32' } }], ports: [{ port, protocol: 'TCP' }] })

describe('an election that does not end', () => {
  it('names the error, the policy that selects the pod, the missing port, restarts and back-off', () => {
    const { code, summary } = explain({
      candidates: [candidate({ lockError: timeout, restarts: 2, backoffMs: 10_000 })],
      policies: [policy('closed', [dnsRule])],
    })
    expect(code).toBe('election.api-egress-blocked')
    for (const part of [
      timeout,
      'NetworkPolicy spegel/closed selects',
      '172.18.0.12:6443',
      'TCP 6443 is missing',
      'spegel-1 2 (back-off 10 s)',
    ]) {
      expect(summary).toContain(part)
    }
  })

  it('names what is not a policy', () => {
    const { code, summary } = explain({ candidates: [candidate({ lockError: timeout })] })
    expect(code).toBe('election.api-egress-blocked')
    expect(summary).toContain('no NetworkPolicy keeps it from 172.18.0.12:6443')
  })

  it.each([
    ["the endpoint's address with the Service's port", toApi(443)],
    ["the Service's own address and port", { to: [{ ipBlock: { cidr: '10.96.0.1/32' } }], ports: [{ port: 443 }] }],
  ])('tells %s apart', (_, rule) => {
    const { code, summary } = explain({
      candidates: [candidate({ lockError: timeout })],
      policies: [policy('by-service', [dnsRule, rule])],
    })
    expect(code).toBe('election.api-port-mismatch')
    expect(summary).toContain('allows port 443')
    expect(summary).toContain('misses TCP 6443')
  })

  it.each([
    [
      'lookup kubernetes.default.svc on 10.96.0.10:53: read udp 10.244.1.4:5->10.96.0.10:53: i/o timeout',
      'election.dns-blocked',
    ],
    ['lookup kubernetes.default.svc: i/o timeout', 'election.dns-blocked'],
    [
      'leases.coordination.k8s.io "x" is forbidden: User "system:serviceaccount:a:b" cannot get resource',
      'election.rbac-denied',
    ],
    ['Get "https://10.96.0.1:443": context deadline exceeded', 'election.api-egress-blocked'],
    ['etcdserver: request timed out', 'election.no-holder'],
  ])('%s: %s', (lockError, code) => {
    expect(explain({ candidates: [candidate(), candidate({ lockError })] }).code).toBe(code)
  })

  it('says which policy forbids DNS', () => {
    const lockError = 'lookup kubernetes.default.svc: i/o timeout'
    const { summary } = explain({ candidates: [candidate({ lockError })], policies: [policy('no-dns', [toApi(6443)])] })
    expect(summary).toContain('NetworkPolicy spegel/no-dns selects the pod and allows no DNS')
  })

  it.each<[string, Candidate[], string]>([
    ['without pods', [], 'election.pods-not-running'],
    ['with pods that wait', [candidate({ waiting: 'ErrImagePull x' })], 'election.pods-not-running'],
    ['without an error', [candidate()], 'election.no-holder'],
  ])('%s: %s', (_, candidates, code) => {
    expect(explain({ candidates }).code).toBe(code)
  })
})
