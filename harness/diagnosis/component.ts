import { nodeNotReady } from '../budgets/boot.ts'
import { findNodes, type StartedCluster } from '../cluster.ts'
import { formatDuration } from '../duration.ts'
import { KubeApiError, type KubeList } from '../kube/api.ts'
import { describePod, type Node, type Pod } from '../kube/types.ts'
import { invalidCertificates } from '../probes/certificates.ts'
import { type ComponentFacts, componentFacts } from '../probes/component-facts.ts'
import { leaseState } from '../probes/leases.ts'
import { nodeReady } from '../probes/node-status.ts'
import { isKubernetesNode } from '../topology.ts'
import type { Diagnosis } from '../verdict.ts'
import { diagnosis } from './catalog.ts'

/** Errors of a start that no waiting cures: flags, values and files. */
const startErrors = /unknown flag|is unknown|invalid argument|invalid configuration|couldn't parse|no such file/i

/** Why a component does not run, by what its machine says; null: nothing that is known. @param now since the epoch */
export function explainComponent(
  node: string,
  component: string,
  { manifest, certificates, killed, errors }: ComponentFacts,
  now: number,
): Diagnosis | null {
  // One that nobody wants to run has no other cause.
  if (!manifest) return null
  const invalid = invalidCertificates(certificates, now)
  if (invalid.length > 0) return diagnosis('component.certificate-expired', `on ${node} ${invalid.join('; ')}`)
  if (killed !== '') return diagnosis('component.out-of-memory', `${component} on ${node} does not run: ${killed}`)
  const words = errors.split('\n').findLast((line) => startErrors.test(line))
  if (words === undefined) return null
  return diagnosis('component.misconfigured', `${component} on ${node} ends at its start: ${words.trim()}`)
}

/** The same, asked of every control plane. */
export async function whyDown(cluster: Pick<StartedCluster, 'nodes'>, component: string): Promise<Diagnosis | null> {
  for (const node of findNodes(cluster, { role: 'control-plane' })) {
    const facts = await componentFacts(node, component)
    const found = facts === null ? null : explainComponent(node.name, component, facts, Date.now())
    if (found !== null) return found
  }
  return null
}

/** Admission lets nothing be written. It is asked with a write that changes nothing; another error says nothing of it. */
export async function writesRefused({ api }: Pick<StartedCluster, 'api'>): Promise<Diagnosis | null> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'clusterproof-dry-run' } }
  try {
    await api.create('/api/v1/namespaces/default/configmaps?dryRun=All', object)
    return null
  } catch (error) {
    if (!(error instanceof KubeApiError) || !/webhook|admission/i.test(error.message)) return null
    return diagnosis('component.writes-refused', `the API server refuses to write: ${error.message}`)
  }
}

/** A Node that is called Ready although its kubelet has renewed its lease for too long not; null: there is none. */
export async function readyForTooLong(
  cluster: Pick<StartedCluster, 'api' | 'nodes' | 'constants'>,
): Promise<Diagnosis | null> {
  const { nodeMonitorGracePeriodMs } = cluster.constants
  const limit = nodeNotReady(nodeMonitorGracePeriodMs)
  for (const { name } of cluster.nodes.filter(isKubernetesNode)) {
    // A machine that never became a Node has neither.
    const lease = await leaseState(cluster, name, 'kube-node-lease').catch(() => null)
    const silentMs = lease === null ? 0 : Date.now() - lease.renewedAt
    if (silentMs < limit.ms || !(await nodeReady(cluster, name))) continue
    const flag = await graceFlag(cluster).catch(() => '')
    return diagnosis(
      'component.not-ready-too-late',
      `the kubelet of ${name} renewed its lease last ${formatDuration(silentMs)} ago, and the Node is Ready all the same; ` +
        `it should not be after ${formatDuration(nodeMonitorGracePeriodMs)}${flag}`,
    )
  }
  return null
}

async function graceFlag({ api }: Pick<StartedCluster, 'api'>): Promise<string> {
  const path = '/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-controller-manager'
  const { items } = await api.get<KubeList<Pod>>(path)
  const words = items.flatMap(({ spec }) => spec?.containers.flatMap(({ command, args }) => [command, args]) ?? [])
  const flag = words.flatMap((list) => list ?? []).find((word) => word.startsWith('--node-monitor-grace-period'))
  return flag === undefined ? '' : `; kube-controller-manager runs with ${flag}`
}

/** What a container that was killed with its machine is said to have ended with: no error of its own. */
const killedWithMachine = new Set([0, 143, 255])

/** A container that ends by itself with an error; null: there is none. */
export function crashing(pods: readonly Pod[], { boots }: Pick<StartedCluster, 'boots'>): Diagnosis | null {
  for (const pod of pods) {
    if (pod.status?.phase !== 'Running' && pod.status?.phase !== 'Pending') continue
    const bootedAt = boots.get(pod.spec?.nodeName ?? '')
    for (const { name, ready, state, lastState, restartCount } of pod.status.containerStatuses ?? []) {
      const ended = state?.terminated ?? lastState?.terminated
      if (ready || ended === undefined || killedWithMachine.has(ended.exitCode)) continue
      // What ended in the second of the boot, as the API has it, ended with the machine.
      if (bootedAt === undefined || Date.parse(String(ended.finishedAt)) <= bootedAt) continue
      const isDns = pod.metadata.labels?.['k8s-app'] === 'kube-dns'
      const how = `${ended.reason ?? 'ended'} with exit code ${ended.exitCode} ${ended.message ?? ''}`.trim()
      return diagnosis(
        isDns ? 'component.dns-down' : 'component.crashing',
        `${describePod(pod)}, container ${name}, ended ${restartCount + 1} times: ${how}`,
      )
    }
  }
  return null
}

const pressures = { DiskPressure: 'machine.disk-pressure', MemoryPressure: 'machine.memory-pressure' } as const

/** A Node that has less left than its kubelet must keep; null: there is none. */
export function pressed(nodes: readonly Node[]): Diagnosis | null {
  for (const { metadata, status } of nodes) {
    for (const [type, code] of Object.entries(pressures)) {
      const condition = status?.conditions?.find((each) => each.type === type)
      if (condition?.status !== 'True') continue
      return diagnosis(code, `node ${metadata.name} says ${type}: ${condition.message ?? ''}`.trim())
    }
  }
  return null
}
