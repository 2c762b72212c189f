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
    unread: [],
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

  it.each<[string, Partial<ElectionFacts>, string]>([
    [
      'election.rbac-denied',
      { candidates: [candidate({ lockError: 'leases "x" is forbidden: User "a" cannot get', restarts: 1 })] },
      'spegel-1 of spegel v0.0.17 cannot reach its lock: leases "x" is forbidden: User "a" cannot get; restarts: spegel-1 1',
    ],
    [
      'election.no-holder',
      { candidates: [candidate({ lockError: 'etcdserver: request timed out' })] },
      'spegel-1 of spegel v0.0.17 cannot reach its lock: etcdserver: request timed out',
    ],
    [
      'election.no-holder',
      { candidates: [candidate({ restarts: 1 }), candidate({ pod: 'spegel-2' })] },
      'nobody of spegel v0.0.17 holds the lock, and no candidate has logged an error of it; restarts: spegel-1 1, spegel-2 0',
    ],
    [
      'election.no-holder',
      { candidates: [candidate(), candidate({ pod: 'spegel-2' })], unread: ['spegel-2'] },
      'nobody of spegel v0.0.17 holds the lock, and no candidate has logged an error of it; what spegel-2 logged could ' +
        'not be read',
    ],
    [
      'election.dns-blocked',
      { candidates: [candidate({ lockError: 'lookup x: no such host' })] },
      'spegel-1 of spegel v0.0.17 cannot reach its lock: lookup x: no such host; no NetworkPolicy forbids DNS: look at ' +
        'CoreDNS and at the way to it',
    ],
    [
      'election.dns-blocked',
      {
        candidates: [candidate({ lockError: 'server misbehaving' })],
        policies: [policy('one', [toApi(6443)]), policy('two', [toApi(443)])],
      },
      'spegel-1 of spegel v0.0.17 cannot reach its lock: server misbehaving; NetworkPolicy spegel/one, spegel/two selects the ' +
        'pod and allows no DNS: port 53, UDP and TCP, is missing',
    ],
    [
      'election.api-egress-blocked',
      { candidates: [candidate({ lockError: timeout })] },
      `spegel-1 of spegel v0.0.17 cannot reach its lock: ${timeout}; no NetworkPolicy keeps it from 172.18.0.12:6443, where ` +
        '10.96.0.1:443 leads to: the packets are dropped on the way, by rules of the node or of the network',
    ],
    [
      'election.api-egress-blocked',
      {
        candidates: [candidate({ lockError: timeout })],
        policies: [policy('one', [dnsRule]), policy('two', [])],
        apiServers: [
          { ip: '172.18.0.12', port: 6443, protocol: 'TCP' },
          { ip: '172.18.0.13', port: 6443, protocol: 'TCP' },
          { ip: '172.18.0.14', port: 6444, protocol: 'TCP' },
        ],
      },
      `spegel-1 of spegel v0.0.17 cannot reach its lock: ${timeout}; NetworkPolicy spegel/one, spegel/two selects the pod and ` +
        'lets no packet through to 172.18.0.12:6443, 172.18.0.13:6443, 172.18.0.14:6444, where 10.96.0.1:443 leads to: ' +
        'port TCP 6443, TCP 6444 is missing',
    ],
    ['election.pods-not-running', { candidates: [] }, 'there is no pod of spegel v0.0.17'],
    [
      'election.pods-not-running',
      {
        candidates: [
          candidate({ waiting: 'ErrImagePull x', backoffMs: 20_000, restarts: 2 }),
          candidate({ pod: 'spegel-2', ready: true, waiting: 'what it said before' }),
          candidate({ pod: 'spegel-3', waiting: 'CreateContainerError' }),
        ],
      },
      'spegel-1: ErrImagePull x; spegel-3: CreateContainerError; restarts: spegel-1 2 (back-off 20 s), spegel-2 0, spegel-3 0',
    ],
  ])('says of %s who it is and what was seen', (code, facts, summary) => {
    expect(explain(facts)).toEqual({ code, summary })
  })

  it('goes by an error that says something, before one that does not', () => {
    const candidates = [
      candidate({ pod: 'a', lockError: 'etcdserver: request timed out' }),
      candidate({ pod: 'b', lockError: 'leases "x" is forbidden' }),
    ]
    expect(explain({ candidates })).toMatchObject({
      code: 'election.rbac-denied',
      summary: expect.stringMatching(/^b of/),
    })
    expect(explain({ candidates: candidates.slice(0, 1) }).summary).toMatch(/^a of/)
  })

  it.each([
    'no route to host',
    'network is unreachable',
    'Client.Timeout exceeded',
    'i/o timeout',
    'dial tcp: refused',
  ])('takes "%s" for packets that do not arrive', (lockError) => {
    expect(explain({ candidates: [candidate({ lockError })] }).code).toBe('election.api-egress-blocked')
  })

  it.each([
    ['a rule for every port', {}],
    ['a rule for port 53 among others', { ports: [{ port: 443 }, { port: 53 }] }],
  ])('takes a policy with %s for one that allows DNS', (_, rule) => {
    const lockError = 'lookup kubernetes.default.svc: i/o timeout'
    const { summary } = explain({ candidates: [candidate({ lockError })], policies: [policy('x', [toApi(1), rule])] })
    expect(summary).toContain('no NetworkPolicy forbids DNS')
  })

  const two: ElectionFacts['apiServers'] = [
    { ip: '172.18.0.12', port: 6443, protocol: 'TCP' },
    { ip: '172.19.0.13', port: 6443, protocol: 'TCP' },
  ]

  it('names each API server that no policy keeps it from', () => {
    const { summary } = explain({ candidates: [candidate({ lockError: timeout })], apiServers: two })
    expect(summary).toContain('no NetworkPolicy keeps it from 172.18.0.12:6443, 172.19.0.13:6443, where')
  })

  it("knows the Service's port also where it is allowed to one API server of several", () => {
    const candidates = [candidate({ lockError: timeout })]
    const { code, summary } = explain({ candidates, apiServers: two, policies: [policy('x', [dnsRule, toApi(443)])] })
    expect(code).toBe('election.api-port-mismatch')
    expect(summary).toContain('no packet through to 172.18.0.12:6443, 172.19.0.13:6443, where')
  })

  it('takes several policies for what any of them allows', () => {
    const lockError = 'lookup kubernetes.default.svc: i/o timeout'
    const { summary } = explain({
      candidates: [candidate({ lockError })],
      policies: [policy('closed', undefined), policy('api', [toApi(6443)]), policy('dns', [dnsRule])],
    })
    expect(summary).toContain('no NetworkPolicy forbids DNS')
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
