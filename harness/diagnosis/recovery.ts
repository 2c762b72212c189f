import type { StartedCluster } from '../cluster.ts'
import { formatDuration } from '../duration.ts'
import { KubeApiError, type KubeList } from '../kube/api.ts'
import { describePod, type Node, type Pod, readyCondition } from '../kube/types.ts'
import { ailments, podAilments } from '../probes/health.ts'
import { type DaemonSetHistory, daemonSetHistory, pendingReplacements } from '../probes/daemonset-history.ts'
import { leaseState, overdue } from '../probes/leases.ts'
import { machineFacts } from '../probes/machine-facts.ts'
import { readyAgain, sinceBoot, statusSinceBoot } from '../probes/node-status.ts'
import { podStartup } from '../budgets/constants.ts'
import { backoffTolerance } from '../budgets/daemonset.ts'
import { isKubernetesNode } from '../topology.ts'
import type { Diagnosis } from '../verdict.ts'
import { namespace as workloadNamespace } from '../workloads/server.ts'
import { diagnosis } from './catalog.ts'
import { crashing, pressed, readyForTooLong, whyDown, writesRefused } from './component.ts'
import { memberDown, quorumLost } from './etcd.ts'
import { explainMachine, explainPods } from './machine.ts'

/** Image states of a waiting container that no waiting cures. */
const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'])

/**
 * The cause of a recovery that did not come, looked for from the bottom up: what a cause makes fail is no cause.
 * `node` is the node that was struck.
 */
export async function diagnoseRecovery(cluster: StartedCluster, node?: string): Promise<Diagnosis> {
  // Where etcd is a pod, the API server or its node is the thing to look at first.
  const etcdUnit = cluster.etcd !== null && cluster.etcd.unit !== null
  const withoutQuorum = etcdUnit ? await quorumLost(cluster) : null
  if (withoutQuorum !== null) return withoutQuorum
  const told = () => toldByApi(cluster, node, etcdUnit)
  try {
    // A request may break off on a busy cluster whose API answers.
    return await told().catch(told)
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error
    const summary = `the API server does not answer: ${error.message}`
    return (await whyDown(cluster, 'kube-apiserver')) ?? diagnosis('recovery.api-unavailable', summary)
  }
}

async function toldByApi(cluster: StartedCluster, node: string | undefined, etcdUnit: boolean): Promise<Diagnosis> {
  return (
    (await writesRefused(cluster)) ??
    (await componentDown(cluster)) ??
    (await readyForTooLong(cluster)) ??
    (await nodeDown(cluster, node)) ??
    pressed(await listed<Node>(cluster, '/api/v1/nodes')) ??
    (await podsDown(cluster, (pod) => !isFar(pod, node))) ??
    (node === undefined ? null : backoff(cluster, node)) ??
    (etcdUnit ? await memberDown(cluster) : null) ??
    (node === undefined ? null : await podsDown(cluster, (pod) => isFar(pod, node))) ??
    (await unexplained(cluster))
  )
}

async function listed<T>({ api }: StartedCluster, path: string): Promise<readonly T[]> {
  return (await api.get<KubeList<T>>(path)).items
}

async function componentDown(cluster: StartedCluster): Promise<Diagnosis | null> {
  for (const name of ['controller-manager', 'scheduler'] as const) {
    const lease = await leaseState(cluster, `kube-${name}`)
    const now = Date.now()
    if (!overdue(lease, now)) continue
    const why = await whyDown(cluster, `kube-${name}`)
    if (why !== null) return why
    const last = formatDuration(now - lease.renewedAt)
    return diagnosis(
      `recovery.${name}-down`,
      `nobody holds the lease of kube-${name}: ${lease.holder || 'no holder'} renewed it last ${last} ago`,
    )
  }
  return null
}

async function nodeDown(cluster: StartedCluster, struck: string | undefined): Promise<Diagnosis | null> {
  // A machine of etcd alone has no Node to be Ready.
  for (const node of cluster.nodes.filter(isKubernetesNode)) {
    if (struck !== undefined && node.name !== struck) continue
    const object = await cluster.api.get<Node>(`/api/v1/nodes/${node.name}`)
    const status = statusSinceBoot(object, cluster.boots)
    if (readyAgain(status)) continue
    const facts = await machineFacts(node)
    const { message = '' } = readyCondition(object) ?? {}
    const why = facts === null ? null : explainMachine(node.name, facts, message, Date.now())
    if (why !== null) return why
    const kubelet = await node.exec(['systemctl', 'is-active', 'kubelet'], { reject: false })
    const state = kubelet.stdout.trim() || kubelet.stderr.trim()
    const what = status.reported ? 'is not Ready' : 'has not reported since it was started'
    return diagnosis('recovery.node-not-ready', `node ${node.name} ${what}; its kubelet is ${state}`)
  }
  return null
}

/** Whether a pod has nothing to do with a node that was struck: on another, not the cluster's own, of no scenario's workload. */
function isFar({ metadata: { namespace = '' }, spec }: Pod, node: string | undefined): boolean {
  return node !== undefined && spec?.nodeName !== node && !['kube-system', workloadNamespace].includes(namespace)
}

/** What keeps pods from running, told by the pods themselves and by the machines that they are on. */
async function podsDown(cluster: StartedCluster, matter: (pod: Pod) => boolean): Promise<Diagnosis | null> {
  const pods = (await listed<Pod>(cluster, '/api/v1/pods')).filter(matter)
  return imageMissing(pods) ?? (await podsKept(cluster, pods)) ?? crashing(pods, cluster)
}

function imageMissing(pods: readonly Pod[]): Diagnosis | null {
  for (const pod of pods) {
    for (const { name, image, state } of pod.status?.containerStatuses ?? []) {
      const { reason = '', message = '' } = state?.waiting ?? {}
      if (!imageReasons.has(reason)) continue
      return diagnosis(
        'recovery.image-missing',
        `${pod.metadata.name}, container ${name}, waits for the image ${image}: ${reason} ${message}`.trim(),
      )
    }
  }
  return null
}

/** An event of the API, as far as it is read here. */
interface PodEvent {
  readonly reason?: string
  readonly message?: string
  readonly lastTimestamp?: string | null
  readonly involvedObject: { readonly uid?: string }
}

/** Pods that have a machine and do not begin to run on it, for a reason that the machine or its kubelet tells. */
async function podsKept(cluster: StartedCluster, all: readonly Pod[]): Promise<Diagnosis | null> {
  const pods = all.filter(
    ({ spec, status }) =>
      (status?.phase === 'Pending' || status?.phase === 'Running') &&
      // What runs since before the machine's boot is what the API heard last of it.
      (status.containerStatuses ?? []).every(
        ({ state }) => !sinceBoot(state?.running?.startedAt, cluster.boots.get(spec?.nodeName ?? '')),
      ),
  )
  if (pods.length === 0) return null
  // Events are what the API may have lost; the machine is asked all the same.
  const events = await listed<PodEvent>(cluster, '/api/v1/events?fieldSelector=type=Warning').catch(() => [])
  for (const node of cluster.nodes.filter(isKubernetesNode)) {
    const kept = new Set(pods.filter(({ spec }) => spec?.nodeName === node.name).map(({ metadata }) => metadata.uid))
    if (kept.size === 0) continue
    const bootedAt = cluster.boots.get(node.name)
    const said = events
      .filter(({ involvedObject, lastTimestamp }) => {
        return kept.has(involvedObject.uid ?? '') && sinceBoot(lastTimestamp, bootedAt)
      })
      .map(({ reason = '', message = '' }) => `${reason}: ${message}`)
    const why = explainPods(node.name, await machineFacts(node), said)
    if (why !== null) return why
  }
  return null
}

/** The controller's back-off where it explains what is missing, or that it no longer does. */
function backoff({ journal }: StartedCluster, node: string): Diagnosis | null {
  const now = journal.now()
  const history = daemonSetHistory(journal.records(), node)
  const pending = pendingReplacements(history)
  const overdueOne = pending.find(
    ({ predictedAt, predictedDelayMs }) => now > predictedAt + backoffTolerance(predictedDelayMs),
  )
  const subject = overdueOne ?? pending[0]
  if (subject === undefined) return backoffJustOver(history, now)
  const { owner, pod, predictedAt, predictedDelayMs, failedAt } = subject
  const waits = formatDuration(now - failedAt)
  if (overdueOne !== undefined) {
    return diagnosis(
      'recovery.daemonset-stuck',
      `${pod} of ${owner} failed ${waits} ago and is not replaced; the back-off ended ${formatDuration(now - predictedAt)} ago`,
    )
  }
  return diagnosis(
    'recovery.daemonset-backoff',
    `${pod} of ${owner} failed ${waits} ago and waits out a back-off of ${formatDuration(predictedDelayMs)}; ` +
      `it is due in ${formatDuration(predictedAt - now)}`,
  )
}

/** A back-off that ended so lately that its pod's successor may still be starting has used up the time as well. */
function backoffJustOver({ replacements }: DaemonSetHistory, now: number): Diagnosis | null {
  const last = replacements.findLast(
    ({ deletedAt, predictedDelayMs }) => deletedAt !== null && predictedDelayMs > 0 && now - deletedAt <= podStartup.ms,
  )
  if (last === undefined) return null
  return diagnosis(
    'recovery.daemonset-backoff',
    `${last.pod} of ${last.owner} waited out a back-off of ${formatDuration(last.predictedDelayMs)}; ` +
      `it was deleted ${formatDuration(now - (last.deletedAt ?? now))} ago and its successor is starting`,
  )
}

async function unexplained(cluster: StartedCluster): Promise<Diagnosis> {
  const pods = await listed<Pod>(cluster, '/api/v1/pods')
  const found = [...(await ailments(cluster)), ...podAilments(pods, cluster.boots)]
  const summary =
    found.length > 0 ? found.join('; ') : `the cluster looks healthy; pods: ${pods.map(describePod).join(', ')}`
  return diagnosis('recovery.unexplained', summary)
}
