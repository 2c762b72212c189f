import type { V1NetworkPolicy, V1NetworkPolicySpec } from '@kubernetes/client-node'

import { policyInForce } from '../budgets/policy.ts'
import type { StartedCluster } from '../cluster.ts'
import type { KubeObject } from '../kube/api.ts'
import { apiServerService } from '../kube/api-server.ts'
import { selects } from '../kube/network-policy.ts'
import { type SendingPod, sendingPods } from '../probes/sending-pods.ts'
import { tcpFromNode, tcpFromPod, type TcpResult, type TcpTarget } from '../probes/tcp-packet.ts'
import { awaitEvidence, type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'

/** A NetworkPolicy that is to be there while the fault is in effect. */
export interface EgressPolicy {
  readonly namespace: string
  /** Left out: `clusterproof-block-egress`. */
  readonly name?: string
  /** `egressPolicy()` in harness/kube/egress-policy.ts composes one. */
  readonly spec: V1NetworkPolicySpec
}

export interface BlockEgressOptions {
  /** What must no longer pass from a pod that the policy selects; left out: the Service `kubernetes`. */
  readonly target?: TcpTarget
}

/**
 * Keeps pods from sending, by a NetworkPolicy. It counts as struck once a connection that a selected pod of each node could
 * make before cannot be made from its network any more, while its node still can: each node has an enforcer of its own.
 * Where there is no such pod yet, that is looked for later. Connections that there are may go on (kube-router lets them):
 * restart the pods. Healing deletes the policy.
 */
export function blockEgressPolicyFault(policy: EgressPolicy, options: BlockEgressOptions = {}): Fault {
  const { namespace, name = 'clusterproof-block-egress', spec } = policy
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies/${name}`
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec,
  } satisfies KubeObject & V1NetworkPolicy
  return {
    name: 'block-egress-policy',
    node: `NetworkPolicy ${namespace}/${name}`,
    subject: `networkpolicy/${namespace}/${name}`,
    available: ({ capabilities }) => {
      if (!capabilities.has('network-policy')) return 'nothing enforces NetworkPolicy in it'
      return capabilities.has('node-access') || 'no command can be run on its nodes'
    },
    async inject(cluster) {
      const target = options.target ?? (await apiServerService(cluster))
      const senders = await selectedPods(cluster, policy)
      await Promise.all(senders.map((sender) => requirePassing(sender, target)))
      const since = cluster.journal.now()
      await using undo = new AsyncDisposableStack()
      undo.defer(() => cluster.api.delete(path))
      await cluster.api.apply(path, object)
      const look = async () => blockedEvidence(await attempts(await selectedPods(cluster, policy), target), target)
      const evidence = senders.length === 0 ? null : await inForce(cluster, senders, target)
      const struck = undo.move()
      return {
        evidence: evidence === null ? null : { ...evidence, spec, tookMs: cluster.journal.now() - since },
        ...(evidence === null && { later: look }),
        heal: () => struck.disposeAsync(),
      }
    },
  }
}

/** Keeps pods from sending, by a NetworkPolicy. */
export function blockEgressPolicy(
  cluster: StartedCluster,
  policy: EgressPolicy,
  options: BlockEgressOptions = {},
): Promise<InjectedFault> {
  return inject(cluster, blockEgressPolicyFault(policy, options))
}

/** A pod that the policy selects from each node that has one. */
async function selectedPods(cluster: StartedCluster, { namespace, spec }: EgressPolicy): Promise<SendingPod[]> {
  const pods = await sendingPods(cluster, `/api/v1/namespaces/${namespace}/pods`)
  const selected = pods.filter(({ labels }) => selects(spec.podSelector ?? {}, labels))
  return selected.filter(({ node }, index) => selected.findIndex((pod) => pod.node === node) === index)
}

async function requirePassing(sender: SendingPod, target: TcpTarget): Promise<void> {
  const { passed, said } = await tcpFromPod(sender.node, sender.ip, target)
  if (passed) return
  throw new NoEvidence(
    `block-egress-policy: ${describe(sender)} does not reach ${target.ip}:${target.port} as it is: ${said}`,
  )
}

/** A connection from a pod, and one from its node at the same time: that shows that the target answers. */
interface Attempt {
  readonly sender: SendingPod
  readonly own: TcpResult
  readonly control: TcpResult
}

function attempts(senders: readonly SendingPod[], target: TcpTarget): Promise<Attempt[]> {
  return Promise.all(
    senders.map(async (sender) => {
      const [own, control] = await Promise.all([
        tcpFromPod(sender.node, sender.ip, target),
        tcpFromNode(sender.node, target),
      ])
      return { sender, own, control }
    }),
  )
}

/** Evidence of a policy by connections; null: none. */
function blockedEvidence(tried: readonly Attempt[], target: TcpTarget) {
  if (tried.length === 0 || tried.some(({ own, control }) => own.passed || !control.passed)) return null
  const blocked = tried.map(({ sender, own }) => ({
    from: describe(sender),
    said: own.said,
    control: `${sender.node.name} itself reaches it`,
  }))
  return { target, blocked }
}

/** Waits until no sender reaches the target any more. @throws {NoEvidence} */
async function inForce(cluster: StartedCluster, senders: readonly SendingPod[], target: TcpTarget) {
  const what = `${senders.map(describe).join(', ')} ${senders.length === 1 ? 'does' : 'do'} not reach ${target.ip}:${target.port}`
  const tried = await awaitEvidence(cluster, 'block-egress-policy', what, {
    probe: () => attempts(senders, target),
    until: (found) => blockedEvidence(found, target) !== null,
    within: policyInForce,
    describe: (found) => found.map(describeAttempt).join('; '),
  })
  return blockedEvidence(tried, target)
}

function describeAttempt({ sender, own, control }: Attempt): string {
  const answers = control.passed ? '' : ` (nor does its node: ${control.said})`
  return `${sender.name} ${own.passed ? 'reaches it' : `does not: ${own.said}${answers}`}`
}

function describe({ name, ip, node }: SendingPod): string {
  return `pod ${name} (${ip}, ${node.name})`
}
