import { type Budget, budget, extend, type Term } from './budget.ts'
import { containerBackoff } from './constants.ts'

/**
 * How long a follower hears nothing before it asks for votes: etcd draws it anew each time, from one election timeout
 * (1000 ms) up to two.
 */
export const election: Term = {
  name: 'election',
  ms: 2_000,
  source: 'etcd --election-timeout 1000 default; raft.go: electionTimeout + rand(electionTimeout)',
}

/** etcd gives a request up after this and answers `etcdserver: request timed out`. */
export const requestTimeout: Term = {
  name: 'etcd request timeout',
  ms: 7_000,
  source: 'etcd server/config/config.go ReqTimeout: 5s + 2 × election timeout',
}

/** One write through the API where nothing is wrong (99th percentile). */
export const apiCall: Term = {
  name: 'API call latency',
  ms: 1_000,
  source: 'Kubernetes SLO, sig-scalability/slos/api_call_latency.md',
}

/** Longer than this kube-apiserver lets no write wait, whatever the client allows. */
export const writeLimit: Term = {
  name: 'limit of a write',
  ms: 34_000,
  source: 'k8s.io/apiserver/pkg/endpoints/handlers/rest.go requestTimeoutUpperBound',
}

/** kube-apiserver's patience with a member that it connects to. */
const dialTimeout: Term = {
  name: 'etcd dial timeout',
  ms: 20_000,
  source: 'k8s.io/apiserver/pkg/storage/storagebackend/factory/etcd3.go dialTimeout',
}

/** The kubelet may end an API server that fails its liveness probe for so long; the first failure comes at once. */
const livenessMs = (8 - 1) * 10_000

/** What the kubelet does with such an API server, and how that one comes back. */
const restart: readonly Term[] = [
  {
    name: 'terminationGracePeriodSeconds',
    ms: 30_000,
    source: 'Kubernetes API default; kubeadm livenessProbe failureThreshold 8 × periodSeconds 10',
  },
  { name: 'one container back-off', ms: containerBackoff.initialMs, source: containerBackoff.source },
  dialTimeout,
]

/**
 * The longest time without an acknowledged write when the leader dies: a write in flight is never answered and times
 * out, meanwhile another leader is elected, in a second round where the first one splits.
 */
export function leaderLost(): Budget {
  return budget(requestTimeout, election, apiCall)
}

/**
 * The longest time without an acknowledged write when a follower stops: its connections end, so that a write that it
 * had fails at once, and the next one takes another member.
 */
export function memberLost(): Budget {
  return budget({ ...apiCall, name: 'write that fails with its member' }, apiCall)
}

/**
 * Writes are acknowledged again once a majority of the members runs: an election, a write from before it that has to
 * time out, one that succeeds. Where the outage was so long that the kubelet may have ended the API server, its restart.
 */
export function quorumBack({ outageMs }: { readonly outageMs: number }): Budget {
  const back = budget(election, requestTimeout, apiCall)
  return outageMs < livenessMs ? back : extend(back, ...restart)
}

/** A write without quorum fails, and does not hang, within this. */
export function writesFailWithin(): Budget {
  return budget(writeLimit, apiCall)
}
