import type { Electorate } from '../../harness/add-ons/electorate.ts'
import { installElector } from '../../harness/add-ons/elector.ts'
import { installSpegel } from '../../harness/add-ons/spegel.ts'
import { budget, type Term } from '../../harness/budgets/budget.ts'
import { podStartup } from '../../harness/budgets/constants.ts'
import { electedOrEnded, lockTaken, recoveredWithoutHands } from '../../harness/budgets/election.ts'
import type { StartedCluster } from '../../harness/cluster.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { explainElection } from '../../harness/diagnosis/election.ts'
import { formatDuration } from '../../harness/duration.ts'
import { policyInForce } from '../../harness/budgets/policy.ts'
import { killProcess } from '../../harness/faults/kill-process.ts'
import type { SpegelVersion } from '../../harness/images/subjects.ts'
import { candidateEvents, candidates, type CandidateState, electionFacts } from '../../harness/probes/candidates.ts'
import { decided, describeElection, type ElectionView, electionView } from '../../harness/probes/election.ts'
import { policyEnforced } from '../../harness/probes/policy-enforcement.ts'
import { tcpFromPod, type TcpTarget } from '../../harness/probes/tcp-packet.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { isKubernetesNode } from '../../harness/topology.ts'

/** What is installed for a scenario, and removed after it. */
export type Install = (cluster: StartedCluster) => Promise<Electorate & AsyncDisposable>

/** The real thing; the images that it mirrors matter nothing to its election. */
export const spegel =
  (version: SpegelVersion): Install =>
  (cluster) =>
    installSpegel(cluster, version, { registries: ['http://upstream.test'] })

/** What takes part in an election on any machine; `dns`: it asks for the API server by its name. */
export const elector =
  (reaches: 'address' | 'dns' = 'address'): Install =>
  (cluster) =>
    installElector(cluster, { reaches })

/** Nothing can be said of a fault unless there was a holder, and every pod was Ready, before it. */
export async function electedBefore(
  { cluster, given }: ScenarioContext,
  electorate: Electorate,
): Promise<ElectionView> {
  return given(
    `${electorate.name} is Ready on every node${electorate.lock === null ? '' : ', and one holds the lock'}`,
    {
      probe: () => electionView(cluster, electorate),
      until: (view) => decided(cluster, electorate, view),
      within: electedOrEnded(electorate.startup),
      describe: describeElection,
    },
  )
}

/** Containers that were ended and are started again by their kubelets, in the pods that there are. */
export interface Restarted {
  /** Milliseconds of the run's clock. */
  readonly since: number
  /** How often each pod's container had been restarted before. */
  readonly before: ReadonlyMap<string, number>
  /** When all had ended, in milliseconds since the epoch: a lock that was renewed later has a holder that lives. */
  readonly endedAt: number
}

/**
 * Ends every container of an electorate as the kubelet does, so that each ends in order. In a pod that is there already its enforcer's rules are in
 * force from the first packet on; a new pod may send some before they are.
 */
export async function restartContainers(cluster: StartedCluster, electorate: Electorate): Promise<Restarted> {
  const before = new Map((await candidates(cluster, electorate)).map(({ pod, restarts }) => [pod, restarts]))
  const faults = await Promise.all(
    cluster.nodes
      .filter(isKubernetesNode)
      .map((node) => killProcess(cluster, node, electorate.program, { signal: 'TERM' })),
  )
  const since = Math.min(...faults.map(({ injectedAt }) => injectedAt))
  return { since, before, endedAt: Date.now() }
}

/**
 * Candidates whose containers were ended elect one of themselves before their startup probe ends them again: one that
 * began then is Ready and holds the lock. Where nobody is elected, all are Ready. (A candidate of Spegel v0.0.17 that
 * first hears of a leader that has just gone is Ready only minutes later; `recovers` waits for all.) Returns whether they did.
 */
export async function electedAgain(
  { cluster, eventuallyOrViolate, measure }: ScenarioContext,
  electorate: Electorate,
  restarted: Restarted,
): Promise<boolean> {
  const within = electedOrEnded(electorate.startup)
  // Beyond the deadline, where a slow host may be what was late, one that its probe has ended may have begun once more.
  const began = (each: CandidateState) =>
    beganThen(each, restarted) || cluster.journal.now() > restarted.since + within.ms
  const what = electorate.lock === null ? 'is Ready on every node' : 'has a holder that is Ready'
  const view = await eventuallyOrViolate(`${electorate.name} ${what} before its startup probe ends it`, {
    probe: () => electionView(cluster, electorate),
    until: (found) =>
      electorate.lock === null
        ? decided(cluster, electorate, found) && found.candidates.every(began)
        : (found.holder?.lease.renewedAt ?? 0) > restarted.endedAt &&
          found.candidates.some((each) => each.ready && isHolder(each, found) && began(each)),
    within,
    since: restarted.since,
    describe: describeElection,
    diagnose: async () => explainElection(await electionFacts(cluster, electorate)),
  })
  if (view !== null) measure('elected after', cluster.journal.now() - restarted.since, 'ms')
  return view !== null
}

function isHolder({ pod }: CandidateState, { holder }: ElectionView): boolean {
  return holder !== null && holder.pod?.metadata.name === pod
}

/** Whether its container has been started again, once: it has not been ended by anything else. */
function beganThen({ pod, restarts }: CandidateState, { before }: Restarted): boolean {
  return restarts === (before.get(pod) ?? -1) + 1
}

/**
 * Once the way is open again, the election recovers without hands: every pod is Ready, and one took the lock in time,
 * counted from the start of its container, or from the opening where it ran by then.
 */
export async function recovers(context: ScenarioContext, electorate: Electorate, openedAt: number): Promise<void> {
  const { cluster, eventually, lasted, measure } = context
  const restarts = Math.max(0, ...(await candidates(cluster, electorate)).map((candidate) => candidate.restarts))
  const view = await eventually(`${electorate.name} recovers without hands`, {
    probe: () => electionView(cluster, electorate),
    until: (found) => decided(cluster, electorate, found),
    within: recoveredWithoutHands(electorate.timing, electorate.startup, restarts),
    since: openedAt,
    describe: describeElection,
    diagnose: async () => explainElection(await electionFacts(cluster, electorate)),
  })
  measure('recovered after', cluster.journal.now() - openedAt, 'ms')
  for (const { pod, restarts: times, backoffMs } of view.candidates) {
    if (times === 0) continue
    measure(`restarts of ${pod}`, times, '')
    if (backoffMs !== null) measure(`last back-off of ${pod}`, backoffMs, 'ms')
  }
  const holder = view.candidates.find(({ pod }) => pod === view.holder?.pod?.metadata.name)
  if (holder === undefined) return
  const events = await candidateEvents(cluster, electorate, holder.pod)
  const acquired = events.findLast(({ kind }) => kind === 'acquired')
  const opened = Date.now() - (cluster.journal.now() - openedAt)
  // It may have held the lock all the while: it was not cut off.
  if (acquired === undefined || acquired.at < opened) return
  // By its own log: the API's time of its container's start has whole seconds.
  const from = Math.max(opened, events.findLast(({ kind }) => kind === 'acquiring')?.at ?? holder.startedAt ?? 0)
  const tookMs = acquired.at - from
  measure("lock taken after the container's start or the opening", tookMs, 'ms')
  const within = lockTaken(electorate.timing)
  const since = openedAt + from - opened
  lasted(
    `the lock is taken within ${formatDuration(within.ms)} of the next container's start`,
    [{ since, ms: tookMs }],
    within,
    () =>
      diagnosis(
        'election.no-holder',
        `${holder.pod} took the lock ${formatDuration(tookMs)} after its container could`,
      ),
  )
}

/** After this long the startup probe of a Spegel that elects ends its pod. */
const electionPatience: Term = {
  name: 'startupProbe 60 × 1 s',
  ms: 60_000,
  source: "Spegel's chart, v0.0.14 and v0.0.17",
}

/** Pods that take part in no election run on for as long as one would take, whatever is kept from the API server. */
export async function undisturbedPods(
  { cluster, eventually, verify, measure }: ScenarioContext,
  electorate: Electorate,
  { before }: Restarted,
): Promise<void> {
  const watched = electionPatience
  const since = cluster.journal.now()
  const { again } = await eventually(
    `${electorate.name} is watched for ${formatDuration(watched.ms)}, or until it ends`,
    {
      probe: async () => {
        const states = await candidates(cluster, electorate)
        return {
          again: states.filter(({ pod, restarts, ready }) => restarts > (before.get(pod) ?? 0) + 1 || !ready),
          forMs: cluster.journal.now() - since,
        }
      },
      until: ({ again: ended, forMs }) => ended.length > 0 || forMs >= watched.ms,
      within: budget(watched, podStartup),
      since,
      describe: ({ again: ended }) => ended.map(({ pod }) => pod).join(', ') || 'all Ready',
    },
  )
  measure('restarts beyond the one that was asked for', again.length, '')
  verify(`no pod of ${electorate.name} ends by itself`, again.length === 0, () =>
    diagnosis(
      'election.pods-not-running',
      again
        .map(
          ({ pod, restarts, ready, waiting }) =>
            `${pod}: ${ready ? 'Ready' : (waiting ?? 'not Ready')}, ${restarts} restarts`,
        )
        .join('; '),
    ),
  )
}

const enforcing = new WeakSet<StartedCluster>()

/** Whether it is still so has to be shown anew. */
export function forgetEnforcement(cluster: StartedCluster): void {
  enforcing.delete(cluster)
}

/** NetworkPolicy is enforced in the cluster, which is shown by packets once for all of its scenarios. @throws {NoEvidence} */
export async function policyIsEnforced(cluster: StartedCluster): Promise<void> {
  if (enforcing.has(cluster)) return
  await policyEnforced(cluster)
  enforcing.add(cluster)
}

/** A policy is in force for every candidate: the fault's own evidence is of one pod, on one node. */
export async function everyoneBlocked(
  { cluster, given }: ScenarioContext,
  electorate: Electorate,
  target: TcpTarget,
): Promise<void> {
  await given(`no pod of ${electorate.name} reaches ${target.ip}:${target.port}`, {
    probe: async () => {
      const states = await candidates(cluster, electorate)
      const passed = await Promise.all(
        states.map(async ({ node: name, ip, pod }) => {
          const node = cluster.nodes.find((candidate) => candidate.name === name)
          return node !== undefined && (await tcpFromPod(node, ip, target)).passed ? [pod] : []
        }),
      )
      return passed.flat()
    },
    until: (passed) => passed.length === 0,
    within: policyInForce,
    describe: (passed) => (passed.length === 0 ? 'nobody does' : `${passed.join(', ')} still does`),
  })
}
