import type { V1NetworkPolicySpec } from '@kubernetes/client-node'

import type { Electorate } from '../../harness/add-ons/electorate.ts'
import type { ApiServerAddress } from '../../harness/kube/api-server.ts'
import { type AllowedEgress, egressPolicy } from '../../harness/kube/egress-policy.ts'

/** Names are looked up at CoreDNS, over UDP and, where answers are long, TCP. */
const dns: AllowedEgress = {
  to: { namespace: 'kube-system', pods: { 'k8s-app': 'kube-dns' } },
  ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }],
}

/** Pods of one namespace reach each other. */
const neighbours: AllowedEgress = { to: {} }

/** Each API server's address and its port, or another. */
function apiServers(servers: readonly ApiServerAddress[], instead?: number): AllowedEgress[] {
  return servers.map(({ ip, port }) => ({ to: `${ip}/32`, ports: [{ port: instead ?? port }] }))
}

/** A policy for an electorate's pods, given where the API servers are. */
export type ElectoratePolicy = (electorate: Electorate, servers: readonly ApiServerAddress[]) => V1NetworkPolicySpec

/** The field's policy (spegel#339): DNS and the neighbours, and not a word of the API server. */
export const withoutApiServer: ElectoratePolicy = ({ labels }) => egressPolicy(labels, [dns, neighbours])

/** What an election needs and no more: DNS, and exactly the API servers' addresses and port. */
export const leastPrivilege: ElectoratePolicy = ({ labels }, servers) =>
  egressPolicy(labels, [dns, neighbours, ...apiServers(servers)])

/** The same without DNS. */
export const withoutDns: ElectoratePolicy = ({ labels }, servers) => egressPolicy(labels, apiServers(servers))

/** The same with the Service's port in place of the endpoints'. */
export const byServicePort: ElectoratePolicy = ({ labels }, servers) =>
  egressPolicy(labels, [dns, neighbours, ...apiServers(servers, 443)])
