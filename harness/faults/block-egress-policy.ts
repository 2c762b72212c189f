import type { V1NetworkPolicy, V1NetworkPolicySpec } from '@kubernetes/client-node'

import { budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, ExpectationFailed } from '../eventually.ts'
import type { KubeObject } from '../kube/api.ts'
import { apiServerService } from '../kube/api-server.ts'
import { selects } from '../kube/network-policy.ts'
import { type SendingPod, sendingPods } from '../probes/sending-pods.ts'
import { tcpFromNode, tcpFromPod, type TcpTarget } from '../probes/tcp-packet.ts'
import { type Fault, inject, type InjectedFault, NoEvidence } from './fault.ts'
import { waitContext } from './wait-context.ts'

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

/** An enforcer hears of a policy by its watch and writes its rules anew. */
export const policyInForce = budget({
  name: 'a policy is enforced',
  ms: 30_000,
  source: 'harness: a watch event, and as long again as kube-router takes to write all rules of a node',
})

/**
 * Keeps pods from sending, by a NetworkPolicy. It counts as struck once a connection that a selected pod could make before
 * cannot be made from its network any more. Where there is no such pod yet, that is looked for later: a pod that cannot,
 * on a node that can. Connections that there are may go on (kube-router lets them): restart the pods. Healing deletes the
 * policy.
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
      const sender = await selectedPod(cluster, policy)
      if (sender !== null) await requirePassing(sender, target)
      const since = cluster.journal.now()
      await cluster.api.apply(path, object)
      const heal = () => cluster.api.delete(path)
      if (sender === null) return { evidence: null, later: () => blockedPod(cluster, policy, target), heal }
      try {
        const { said } = await blocked(cluster, sender, target)
        const tookMs = cluster.journal.now() - since
        return { evidence: { from: describe(sender), target, said, tookMs, spec }, heal }
      } catch (error) {
        await heal()
        if (!(error instanceof ExpectationFailed)) throw error
        throw new NoEvidence(`block-egress-policy: ${error.message}`)
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

/** A pod that the policy selects; null: there is none to send from. */
async function selectedPod(cluster: StartedCluster, { namespace, spec }: EgressPolicy): Promise<SendingPod | null> {
  const pods = await sendingPods(cluster, `/api/v1/namespaces/${namespace}/pods`)
  return pods.find(({ labels }) => selects(spec.podSelector ?? {}, labels)) ?? null
}

async function requirePassing(sender: SendingPod, target: TcpTarget): Promise<void> {
  const { passed, said } = await tcpFromPod(sender.node, sender.ip, target)
  if (passed) return
  throw new NoEvidence(
    `block-egress-policy: ${describe(sender)} does not reach ${target.ip}:${target.port} as it is: ${said}`,
  )
}

function blocked(cluster: StartedCluster, sender: SendingPod, target: TcpTarget) {
  const what = `${describe(sender)} does not reach ${target.ip}:${target.port}`
  return eventually(waitContext(cluster), what, {
    probe: () => tcpFromPod(sender.node, sender.ip, target),
    until: ({ passed }) => !passed,
    within: policyInForce,
    describe: ({ passed, said }) => (passed ? 'it does' : said),
  })
}

/** Evidence of a policy whose pods came after it; null: none. The node itself shows that the target answers. */
async function blockedPod(cluster: StartedCluster, policy: EgressPolicy, target: TcpTarget): Promise<unknown> {
  const sender = await selectedPod(cluster, policy)
  if (sender === null) return null
  const [own, control] = await Promise.all([
    tcpFromPod(sender.node, sender.ip, target),
    tcpFromNode(sender.node, target),
  ])
  if (own.passed || !control.passed) return null
  return { from: describe(sender), target, said: own.said, control: `${sender.node.name} itself reaches it` }
}

function describe({ name, ip, node }: SendingPod): string {
  return `pod ${name} (${ip}, ${node.name})`
}
