import type { Electorate } from '../add-ons/electorate.ts'
import type { StartedCluster } from '../cluster.ts'
import type { Candidate, ElectionFacts } from '../diagnosis/election.ts'
import { KubeApiError, type KubeList } from '../kube/api.ts'
import { apiServerEndpoints, apiServerService } from '../kube/api-server.ts'
import type { NetworkPolicy } from '../kube/network-policy.ts'
import { type Pod, podReady } from '../kube/types.ts'
import { containerLog } from './container-log.ts'
import { type ElectionEvent, electionEvents } from './election-log.ts'
import { labelledPods, selectorOf } from './pods.ts'

type ApiOf = Pick<StartedCluster, 'api'>

/** A pod of an electorate as the API has it. */
export interface CandidateState extends Omit<Candidate, 'lockError'> {
  readonly node: string
  readonly ip: string
  readonly uid: string
  /** Start of its container's present run, and end of the run before it, in milliseconds since the epoch. */
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** The pods of an electorate that are not on their way out. */
export async function candidates(cluster: ApiOf, electorate: Electorate): Promise<CandidateState[]> {
  const pods = await labelledPods(cluster, electorate.namespace, selectorOf(electorate.labels))
  return pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => candidateState(pod, electorate.container))
}

export function candidateState(pod: Pod, container: string): CandidateState {
  const statuses = pod.status?.containerStatuses ?? []
  const status = statuses.find(({ name }) => name === container)
  const waiting = [...(pod.status?.initContainerStatuses ?? []), ...statuses]
    .map(({ state }) => state?.waiting)
    .find((state) => state?.reason !== undefined && state.reason !== 'PodInitializing')
  const startedAt = time(status?.state?.running?.startedAt)
  const endedAt = time(status?.lastState?.terminated?.finishedAt ?? status?.state?.terminated?.finishedAt)
  return {
    pod: pod.metadata.name,
    uid: pod.metadata.uid,
    labels: pod.metadata.labels ?? {},
    node: pod.spec?.nodeName ?? '',
    ip: pod.status?.podIP ?? '',
    ready: podReady(pod),
    restarts: status?.restartCount ?? 0,
    waiting: waiting === undefined ? null : `${waiting.reason ?? ''} ${waiting.message ?? ''}`.trim(),
    backoffMs: backoff(waiting?.message, startedAt, endedAt),
    startedAt,
    endedAt,
  }
}

/** The API gives times as text, whatever the client library's types say. */
function time(value: unknown): number | null {
  return value === undefined ? null : Date.parse(String(value))
}

/** The back-off that is waited out now, as the kubelet says it, or that was before the present run. */
function backoff(message: string | undefined, startedAt: number | null, endedAt: number | null): number | null {
  const said = /back-off (?:(\d+)m)?(\d+)s/.exec(message ?? '')
  if (said !== null) return (Number(said[1] ?? 0) * 60 + Number(said[2])) * 1_000
  return startedAt !== null && endedAt !== null && startedAt >= endedAt ? startedAt - endedAt : null
}

/** The API server's answers for a log that is not there: the container has not been started, or the pod is gone. */
const noLog = new Set([400, 404])

/**
 * What a candidate says of the election, in this run of its container and in the one before.
 * @throws {KubeApiError} where a log cannot be read: that nothing was said is not known then
 */
export async function candidateEvents(
  cluster: ApiOf,
  { namespace, container }: Electorate,
  pod: string,
): Promise<ElectionEvent[]> {
  const read = async (previous: boolean) => {
    try {
      return await containerLog(cluster, { namespace, pod, container, previous })
    } catch (error) {
      if (error instanceof KubeApiError && noLog.has(error.status)) return []
      throw error
    }
  }
  // In this order: of a container that is started again meanwhile, its ended run is read twice, and not never.
  const present = await read(false)
  const before = await read(true)
  const isOneRun = before[0]?.at === present[0]?.at
  return electionEvents(isOneRun ? before : [...before, ...present])
}

/**
 * Everything that explains an election that does not come to an end.
 * @throws {KubeApiError} where the API does not answer, or no candidate's log can be read
 */
export async function electionFacts(cluster: ApiOf, electorate: Electorate): Promise<ElectionFacts> {
  const { namespace, name } = electorate
  const [states, policies, apiServers, service] = await Promise.all([
    candidates(cluster, electorate),
    cluster.api.get<KubeList<NetworkPolicy>>(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`),
    apiServerEndpoints(cluster),
    apiServerService(cluster),
  ])
  const unread = new Map<string, unknown>()
  const complaining = await Promise.all(
    states.map(async (state) => {
      // What the others say explains enough where one machine does not answer.
      const events = await candidateEvents(cluster, electorate, state.pod).catch((error: unknown) => {
        unread.set(state.pod, error)
        return []
      })
      const last = events.findLast(({ kind }) => kind === 'lock-error' || kind === 'acquired')
      return Object.assign(state, { lockError: last?.kind === 'lock-error' ? last.error : null })
    }),
  )
  const [error] = unread.values()
  if (unread.size > 0 && unread.size === states.length) throw error
  const servers = apiServers.map(({ ip, port }) => ({ ip, port, protocol: 'TCP' as const }))
  return {
    subject: name,
    candidates: complaining,
    unread: [...unread.keys()],
    policies: policies.items,
    apiServers: servers,
    service,
  }
}
