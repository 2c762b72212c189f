import type { Electorate } from './add-ons/electorate.ts'
import type { Mirror } from './add-ons/mirror.ts'
import { spegelElection } from './budgets/election.ts'
import { type FakeApi, metadata } from './fake-cluster.ts'
import { KubeApiError } from './kube/api.ts'

/** An election for unit tests: pods named `x-…` of the DaemonSet `x` in the namespace `ns`, whose holder is a pod's name. */
export const fakeElectorate: Electorate = {
  name: 'x v1',
  namespace: 'ns',
  daemonSet: 'x',
  labels: { app: 'x' },
  container: 'main',
  program: 'x',
  serviceAccount: 'x',
  role: 'x',
  lock: { name: 'x-lock', kinds: ['Lease', 'ConfigMap'] },
  timing: spegelElection,
  startup: { name: 'startupProbe 60 × 1 s', ms: 60_000, source: 'a test' },
  podOf: (holder, pods) => pods.find((pod) => pod.metadata.name === holder),
}

/** A mirror whose instances are that electorate. */
export const fakeMirror: Mirror = {
  name: 'x v1',
  electorate: fakeElectorate,
  peerPort: 5_001,
  servesAlone: true,
  resolve: { name: 'resolve', ms: 1_000, source: 'a test' },
  endpoint: null,
  announce: () => Promise.resolve(false),
  prepare: () => Promise.resolve(),
}

/** What a test says of a pod; the rest is that of one that is well. */
export interface FakePodState {
  readonly node?: string
  readonly ip?: string
  readonly ready?: boolean
  readonly deleting?: boolean
  readonly restarts?: number
  /** Of its container `main`, as the API has it. */
  readonly state?: object
  readonly lastState?: object
  readonly initStates?: readonly object[]
}

/** A pod of the electorate as the API has it. */
export function fakePod(name: string, is: FakePodState = {}) {
  const { node = 'fake-worker', ip = '10.244.1.4', ready = true, deleting = false, restarts = 0 } = is
  const { state = { running: { startedAt: '2026-01-01T00:01:00Z' } }, lastState = {}, initStates = [] } = is
  return {
    metadata: {
      ...metadata(name),
      labels: { app: 'x' },
      ...(deleting && { deletionTimestamp: '2026-01-01T00:02:00Z' }),
    },
    spec: { nodeName: node },
    status: {
      podIP: ip,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      initContainerStatuses: initStates.map((one) => ({ name: 'init', state: one })),
      containerStatuses: [{ name: 'main', restartCount: restarts, state, lastState }],
    },
  }
}

/** Gives an API server the pods of the electorate. */
export function withPods(api: FakeApi, ...items: readonly object[]): void {
  api.answers.set('/api/v1/namespaces/ns/pods', { items })
}

/** A log's line: its time in milliseconds since the epoch, and its text. */
export type FakeLine = readonly [at: number, text: string]

/**
 * Gives an API server logs by the pod's name, with `/previous` behind it for the run before: lines, or what is thrown. One
 * that has none is answered as the API does.
 */
export function withLogs(api: FakeApi, logs: Readonly<Record<string, readonly FakeLine[] | Error>>): void {
  api.text = async (url) => {
    const [, pod = '', query = ''] = /\/pods\/([^/]+)\/log\?(.*)/.exec(url) ?? []
    const log = logs[`${pod}${query.includes('previous=true') ? '/previous' : ''}`]
    if (log === undefined) throw new KubeApiError(`GET ${url}: 400 previous terminated container not found`, 400)
    if (log instanceof Error) throw log
    return log.map(([at, text]) => `${new Date(at).toISOString()} ${text}\n`).join('')
  }
}
