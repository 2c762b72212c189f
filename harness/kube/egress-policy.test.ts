import { describe, expect, it } from 'vitest'

import { egressPolicy } from './egress-policy.ts'

const podSelector = { matchLabels: { app: 'spegel' } }

describe('egressPolicy', () => {
  it('allows nothing where nothing is named', () => {
    expect(egressPolicy({ app: 'spegel' })).toEqual({ podSelector, policyTypes: ['Egress'], egress: [] })
    expect(egressPolicy({})).toMatchObject({ podSelector: { matchLabels: {} } })
  })

  it('allows ranges, pods and ports', () => {
    const dns = { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } }
    const { egress } = egressPolicy({ app: 'spegel' }, [
      { to: dns, ports: [{ port: 53, protocol: 'UDP' }] },
      { to: '172.18.0.2/32', ports: [{ port: 6443 }] },
      { to: { pods: { app: 'spegel' } } },
      { to: {} },
      { ports: [{ port: 80 }] },
    ])
    expect(egress).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          },
        ],
        ports: [{ port: 53, protocol: 'UDP' }],
      },
      { to: [{ ipBlock: { cidr: '172.18.0.2/32' } }], ports: [{ port: 6443, protocol: 'TCP' }] },
      { to: [{ podSelector: { matchLabels: { app: 'spegel' } } }] },
      { to: [{ podSelector: {} }] },
      { ports: [{ port: 80, protocol: 'TCP' }] },
    ])
  })
})
