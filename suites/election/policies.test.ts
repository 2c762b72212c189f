import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fakeElectorate as electorate } from '../../harness/fake-electorate.ts'
import type { ApiServerAddress } from '../../harness/kube/api-server.ts'
import { allowedPorts, type Destination, egressAllowed, egressPolicies } from '../../harness/kube/network-policy.ts'
import { byServicePort, type ElectoratePolicy, leastPrivilege, withoutApiServer, withoutDns } from './policies.ts'

const servers: readonly ApiServerAddress[] = [
  { ip: '172.18.0.12', port: 6443 },
  { ip: '172.18.0.13', port: 6444 },
]
const namespace = electorate.namespace
const inNamespace = (name: string, labels: Record<string, string>) => ({
  namespace: name,
  labels,
  namespaceLabels: { 'kubernetes.io/metadata.name': name },
})
const dns: Destination = {
  ip: '10.244.0.2',
  port: 53,
  protocol: 'UDP',
  pod: inNamespace('kube-system', { 'k8s-app': 'kube-dns' }),
}
const neighbour: Destination = {
  ip: '10.244.1.4',
  port: 5_001,
  protocol: 'TCP',
  pod: inNamespace(namespace, { app: 'x' }),
}

/** What the policy lets an electorate's pods send, as an enforcer would. */
function passes(policy: ElectoratePolicy, to: Destination, given = servers): boolean {
  const metadata = { name: 'p', namespace, uid: 'u', resourceVersion: '1', creationTimestamp: '' }
  const selecting = egressPolicies([{ metadata, spec: policy(electorate, given) }], electorate.labels)
  expect(selecting).toHaveLength(1)
  return egressAllowed(selecting, to)
}

const policies = { withoutApiServer, leastPrivilege, withoutDns, byServicePort }
const toServer: Destination = { ip: '172.18.0.12', port: 6443, protocol: 'TCP' }

describe('a policy for an electorate', () => {
  it.each<[keyof typeof policies, { api: boolean; names: boolean; neighbours: boolean }]>([
    ['withoutApiServer', { api: false, names: true, neighbours: true }],
    ['leastPrivilege', { api: true, names: true, neighbours: true }],
    ['withoutDns', { api: true, names: false, neighbours: false }],
    ['byServicePort', { api: false, names: true, neighbours: true }],
  ])('%s lets through %j', (name, { api, names, neighbours }) => {
    const policy = policies[name]
    expect(passes(policy, toServer)).toBe(api)
    expect(passes(policy, { ...toServer, ip: '172.18.0.13', port: 6444 })).toBe(api)
    expect(passes(policy, dns)).toBe(names)
    expect(passes(policy, { ...dns, protocol: 'TCP' })).toBe(names)
    expect(passes(policy, neighbour)).toBe(neighbours)
  })

  it('selects the pods of the electorate and no other', () => {
    for (const policy of Object.values(policies)) {
      expect(policy(electorate, servers).podSelector).toEqual({ matchLabels: electorate.labels })
    }
  })

  it('by the port of the Service lets that one through where the others are, and nothing else there', () => {
    const metadata = { name: 'p', namespace, uid: 'u', resourceVersion: '1', creationTimestamp: '' }
    expect(allowedPorts([{ metadata, spec: byServicePort(electorate, servers) }], toServer)).toEqual([443])
  })

  it('never lets through what nobody has named: other addresses and ports, CoreDNS’ metrics, other namespaces', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    const port = fc.integer({ min: 1, max: 65_535 })
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), port, (octets, number) => {
        const to: Destination = { ip: octets.join('.'), port: number, protocol: 'TCP' }
        const named = servers.some(({ ip, port: own }) => ip === to.ip && (own === number || number === 443))
        fc.pre(!named && number !== 53)
        for (const policy of Object.values(policies)) {
          expect(passes(policy, to)).toBe(false)
          expect(passes(policy, { ...dns, port: number, protocol: 'TCP' })).toBe(false)
          expect(passes(policy, { ...neighbour, pod: inNamespace('default', { app: 'x' }) })).toBe(false)
        }
      }),
    )
  })

  it('lets every API server through that there is, however many', () => {
    const some = fc.uniqueArray(fc.integer({ min: 2, max: 254 }), { maxLength: 7 })
    fc.assert(
      fc.property(some, (hosts) => {
        const given = hosts.map((host) => ({ ip: `172.18.0.${host}`, port: 6443 }))
        for (const server of given) expect(passes(leastPrivilege, { ...server, protocol: 'TCP' }, given)).toBe(true)
      }),
    )
  })
})
