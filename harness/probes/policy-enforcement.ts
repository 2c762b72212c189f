import { randomBytes } from 'node:crypto'

import { policyInForce } from '../budgets/policy.ts'
import { findNodes, type StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import { NoEvidence } from '../faults/fault.ts'
import { judgedContext, waitContext } from '../faults/wait-context.ts'
import type { KubeObject } from '../kube/api.ts'
import { egressPolicy } from '../kube/egress-policy.ts'
import { podReady } from '../kube/types.ts'
import type { ClusterNode } from '../nodes/node.ts'
import { isKubernetesNode } from '../topology.ts'
import { applyServerConfig, serverPort, serverReady, serverTemplate } from '../workloads/server.ts'
import { labelledPods } from './pods.ts'
import { tcpFromPod, type TcpResult } from './tcp-packet.ts'

/** What shows whether NetworkPolicy is enforced on a node. */
export interface PolicyEnforcement {
  readonly enforced: boolean
  /** The node of the pod that a policy selects. */
  readonly node: string
  /** From the pod to the control, before there was a policy. */
  readonly before: TcpResult
  /** The same under a policy that selects the pod and allows nothing: the last one that was sent. */
  readonly under: TcpResult
  /** From the control, which no policy selects, to the pod, at the same time. */
  readonly control: TcpResult
  /** From applying the policy until a packet was held back, in milliseconds; null: none was. */
  readonly tookMs: number | null
}

export interface EnforcementOptions {
  /** The node whose enforcement is looked at; left out: the first worker, else the first machine with a kubelet. */
  readonly on?: ClusterNode
}

type Role = 'selected' | 'control'

/**
 * Sees whether NetworkPolicy is enforced: two pods in a namespace of their own reach each other; then a policy that allows
 * no egress selects one of them, and it must not reach the other, which still reaches it. What was made is deleted again;
 * the namespace goes once its pods have ended.
 * @throws {Error} where that could not be found out: the pods do not start, or do not reach each other without a policy
 */
export async function policyEnforcement(
  cluster: StartedCluster,
  { on = firstKubelet(cluster) }: EnforcementOptions = {},
): Promise<PolicyEnforcement> {
  const { api, journal } = cluster
  const namespace = `clusterproof-policy-${randomBytes(3).toString('hex')}`
  await using undo = new AsyncDisposableStack()
  undo.defer(() => api.delete(`/api/v1/namespaces/${namespace}`))
  const other = cluster.nodes.find((node) => isKubernetesNode(node) && node !== on) ?? on
  const machines = { selected: on, control: other }
  const addresses = await startPods(cluster, namespace, machines)
  const send = (from: Role, to: Role) =>
    tcpFromPod(machines[from], addresses[from], { ip: addresses[to], port: serverPort })

  const before = await send('selected', 'control')
  if (!before.passed) {
    throw new Error(`without any NetworkPolicy a pod on ${on.name} does not reach one on ${other.name}: ${before.said}`)
  }
  const appliedAt = journal.now()
  await api.apply(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/deny`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace },
    spec: egressPolicy({ app: 'selected' }),
  })
  const under = await heldBack(cluster, on, () => send('selected', 'control'))
  const tookMs = under.passed ? null : journal.now() - appliedAt
  const control = await send('control', 'selected')
  const found = { enforced: !under.passed && control.passed, node: on.name, before, under, control, tookMs }
  journal.append('probe', 'policy-enforcement', `node/${on.name}`, found)
  return found
}

/**
 * Makes sure that NetworkPolicy is enforced before a scenario relies on it.
 * @throws {NoEvidence} where it is not: nothing can be said of what a policy brings about
 */
export async function policyEnforced(
  cluster: StartedCluster,
  options: EnforcementOptions = {},
): Promise<PolicyEnforcement> {
  const found = await policyEnforcement(cluster, options)
  if (found.enforced) return found
  const why = found.under.passed
    ? 'a packet that a policy forbids passes'
    : 'packets that no policy forbids are lost too'
  throw new NoEvidence(`NetworkPolicy is not enforced on ${found.node}: ${why} (${JSON.stringify(found)})`)
}

/** The last packet: the first that was held back or, where the time is over, one that passed. */
async function heldBack(cluster: StartedCluster, on: ClusterNode, send: () => Promise<TcpResult>): Promise<TcpResult> {
  try {
    return await eventually(waitContext(cluster), `a NetworkPolicy is enforced on ${on.name}`, {
      probe: send,
      until: ({ passed }) => !passed,
      within: policyInForce,
      describe: ({ passed, said }) => (passed ? 'a packet passed' : said),
    })
  } catch (error) {
    if (error instanceof ExpectationFailed) return { passed: true, said: '' }
    throw error
  }
}

/** Starts a pod for each role and returns their addresses once both are Ready. */
async function startPods(
  cluster: StartedCluster,
  namespace: string,
  machines: Readonly<Record<Role, ClusterNode>>,
): Promise<Record<Role, string>> {
  const { api } = cluster
  await applyServerConfig(cluster, namespace)
  // The namespace's own account comes a moment after it, and a pod without an account is refused.
  await api.apply(`/api/v1/namespaces/${namespace}/serviceaccounts/server`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'server', namespace },
  })
  const pods = await Promise.all(
    (['selected', 'control'] as const).map(async (role) => serverPod(cluster, namespace, role, machines[role])),
  )
  await Promise.all(pods.map((pod) => api.apply(`/api/v1/namespaces/${namespace}/pods/${pod.metadata.name}`, pod)))
  const ready = await eventually(judgedContext(cluster), `the pods of ${namespace} are Ready`, {
    probe: () => labelledPods(cluster, namespace, 'app in (selected,control)'),
    until: (found) => found.length === 2 && found.every(podReady),
    within: serverReady,
    describe: (found) => `${found.filter(podReady).length} of 2 Ready`,
  })
  const address = (role: Role) => ready.find(({ metadata }) => metadata.name === role)?.status?.podIP ?? ''
  return { selected: address('selected'), control: address('control') }
}

/** Placed by name: no scheduler, and no taint, is in the way. */
async function serverPod(
  cluster: StartedCluster,
  namespace: string,
  role: Role,
  { name: nodeName }: ClusterNode,
): Promise<KubeObject> {
  const { metadata, spec } = await serverTemplate(cluster, role)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: role, namespace, ...metadata },
    spec: {
      ...spec,
      nodeName,
      serviceAccountName: 'server',
      automountServiceAccountToken: false,
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 1,
    },
  }
}

function firstKubelet(cluster: StartedCluster): ClusterNode {
  const node = findNodes(cluster, { role: 'worker' })[0] ?? cluster.nodes.find(isKubernetesNode)
  if (node === undefined) throw new RangeError(`${cluster.name} has no machine with a kubelet`)
  return node
}
