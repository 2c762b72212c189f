import { formatDuration } from '../duration.ts'
import {
  allowedPorts,
  type Destination,
  egressAllowed,
  egressPolicies,
  type Labels,
  type NetworkPolicy,
} from '../kube/network-policy.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/** A candidate of an election, as far as its pod, the kubelet and its log tell. */
export interface Candidate {
  readonly pod: string
  readonly labels: Labels
  readonly ready: boolean
  readonly restarts: number
  /** What its container waits out before its next start, in milliseconds; null: it runs, or has never ended. */
  readonly backoffMs: number | null
  /** Why its container does not run, in the kubelet's words: `CreateContainerError …`; null: it runs. */
  readonly waiting: string | null
  /** The last error of its lock; null: it has logged none, or its log could not be read. */
  readonly lockError: string | null
}

/** What decides whether pods can elect one of themselves. */
export interface ElectionFacts {
  /** What is elected: `spegel v0.0.17`. */
  readonly subject: string
  readonly candidates: readonly Candidate[]
  /** The pods whose logs could not be read, such as those of a machine that does not answer. */
  readonly unread: readonly string[]
  /** The policies of the candidates' namespace. */
  readonly policies: readonly NetworkPolicy[]
  /** Where the Service `kubernetes` leads to. */
  readonly apiServers: readonly Destination[]
  /** Its own address and port: `10.96.0.1:443`. */
  readonly service: Pick<Destination, 'ip' | 'port'>
}

/** The cause of an election that does not come to an end: told by the candidates' own errors, then by what selects them. */
export function explainElection(facts: ElectionFacts): Diagnosis {
  const failing = facts.candidates.filter(({ lockError }) => lockError !== null)
  const struck = failing.find(({ lockError }) => causeOf(lockError ?? '') !== null) ?? failing[0]
  if (struck === undefined) return withoutError(facts)
  const error = struck.lockError ?? ''
  const said = `${struck.pod} of ${facts.subject} cannot reach its lock: ${error}`
  const state = describeRestarts(facts.candidates)
  switch (causeOf(error)) {
    case 'rbac':
      return diagnosis('election.rbac-denied', `${said}${state}`)
    case 'dns':
      return diagnosis('election.dns-blocked', `${said}; ${whoBlocksDns(facts, struck)}${state}`)
    case 'egress':
      return egressBlocked(facts, struck, said, state)
    default:
      return diagnosis('election.no-holder', `${said}${state}`)
  }
}

type Cause = 'rbac' | 'dns' | 'egress'

/** What kind of error keeps a client from its lock. A request's own deadline hides what it waited for: see `egressBlocked`. */
function causeOf(error: string): Cause | null {
  if (/is forbidden: User|forbidden/i.test(error)) return 'rbac'
  if (/lookup [^ ]+( on [^ ]+)?:|no such host|server misbehaving/.test(error)) return 'dns'
  if (
    /dial tcp|i\/o timeout|context deadline exceeded|Client\.Timeout|no route to host|network is unreachable/.test(
      error,
    )
  ) {
    return 'egress'
  }
  return null
}

function egressBlocked(
  { policies, apiServers, service }: ElectionFacts,
  { labels }: Candidate,
  said: string,
  state: string,
): Diagnosis {
  const selecting = egressPolicies(policies, labels)
  const missing = apiServers.filter((server) => !egressAllowed(selecting, server))
  const where = missing.map(({ ip, port }) => `${ip}:${port}`).join(', ')
  const own = `${service.ip}:${service.port}`
  if (missing.length === 0) {
    const why = `no NetworkPolicy keeps it from ${apiServers.map(({ ip, port }) => `${ip}:${port}`).join(', ')}`
    return diagnosis(
      'election.api-egress-blocked',
      `${said}; ${why}, where ${own} leads to: the packets are dropped on the way, by rules of the node or of the network${state}`,
    )
  }
  const names = selecting.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).join(', ')
  const selected = `NetworkPolicy ${names} selects the pod and lets no packet through to ${where}, where ${own} leads to`
  const servicePort = apiServers.some((server) => allowedPorts(selecting, server).includes(service.port))
  const toService = egressAllowed(selecting, { ...service, protocol: 'TCP' })
  if (servicePort || toService) {
    return diagnosis(
      'election.api-port-mismatch',
      `${said}; ${selected}: it allows port ${service.port}, the Service's, and misses ${ports(missing)}${state}`,
    )
  }
  return diagnosis('election.api-egress-blocked', `${said}; ${selected}: port ${ports(missing)} is missing${state}`)
}

function ports(servers: readonly Destination[]): string {
  return [...new Set(servers.map(({ port, protocol }) => `${protocol} ${port}`))].join(', ')
}

function whoBlocksDns({ policies }: ElectionFacts, { labels }: Candidate): string {
  const selecting = egressPolicies(policies, labels)
  const open = selecting.some(({ spec }) =>
    (spec?.egress ?? []).some((rule) => rule.ports === undefined || rule.ports.some(({ port }) => Number(port) === 53)),
  )
  if (selecting.length === 0 || open) return 'no NetworkPolicy forbids DNS: look at CoreDNS and at the way to it'
  const names = selecting.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).join(', ')
  return `NetworkPolicy ${names} selects the pod and allows no DNS: port 53, UDP and TCP, is missing`
}

/** Nobody complains of the lock: the pods do not run, or have nothing to say. */
function withoutError({ subject, candidates, unread }: ElectionFacts): Diagnosis {
  const waiting = candidates.filter(({ ready, waiting: why }) => !ready && why !== null)
  if (candidates.length === 0) return diagnosis('election.pods-not-running', `there is no pod of ${subject}`)
  if (waiting.length > 0) {
    const why = waiting.map(({ pod, waiting: what }) => `${pod}: ${what}`).join('; ')
    return diagnosis('election.pods-not-running', `${why}${describeRestarts(candidates)}`)
  }
  const unknown = unread.length === 0 ? '' : `; what ${unread.join(', ')} logged could not be read`
  return diagnosis(
    'election.no-holder',
    `nobody of ${subject} holds the lock, and no candidate has logged an error of it${unknown}${describeRestarts(candidates)}`,
  )
}

/** `; restarts: a 1 (waits 10.0 s), b 0`, empty where nobody was restarted. */
function describeRestarts(candidates: readonly Candidate[]): string {
  if (candidates.every(({ restarts }) => restarts === 0)) return ''
  const each = candidates.map(({ pod, restarts, backoffMs }) => {
    const waits = backoffMs === null ? '' : ` (back-off ${formatDuration(backoffMs)})`
    return `${pod} ${restarts}${waits}`
  })
  return `; restarts: ${each.join(', ')}`
}
