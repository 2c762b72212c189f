import { lockPaths } from '../../harness/add-ons/electorate-removal.ts'
import { budget } from '../../harness/budgets/budget.ts'
import { podStartup } from '../../harness/budgets/constants.ts'
import { terminationGrace } from '../../harness/budgets/election.ts'
import { findNode, type StartedCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { blockEgressNft } from '../../harness/faults/block-egress-nft.ts'
import type { InjectedFault } from '../../harness/faults/fault.ts'
import { endProcesses, processes } from '../../harness/faults/kill-process.ts'
import { waitContext } from '../../harness/faults/wait-context.ts'
import type { Sabotage } from '../../harness/fixtures.ts'
import type { ClusterNode } from '../../harness/nodes/node.ts'
import { leaseState } from '../../harness/probes/leases.ts'
import { labelledPods } from '../../harness/probes/pods.ts'
import { faultIs, undo, when } from '../../harness/sabotage.ts'
import { isKubernetesNode } from '../../harness/topology.ts'
import { forgetEnforcement } from './electing.ts'

/** Names of the elector's namespace, its ServiceAccount and its lock: harness/add-ons/elector.ts. */
const elector = 'elector'
const electorLocks = lockPaths(elector, { name: elector, kinds: ['Lease'] })

const imposter = 'imposter'

/** As the lease of kube-scheduler's holder is about to end, another has taken it already, by its own word two seconds ago. */
export const imposterTakesLease: Sabotage = (cluster) => {
  const { api } = cluster
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler'
  const armed = when(cluster, faultIs('injecting', 'kill kube-scheduler'), () => {
    const now = Date.now()
    const [acquireTime, renewTime] = [now - 2_000, now].map(microTime)
    return api.patch(path, { spec: { holderIdentity: imposter, acquireTime, renewTime } })
  })
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      // Who stands by takes it at once, and need not wait until it has run out.
      const { holder } = await leaseState(cluster, 'kube-scheduler')
      if (holder === imposter) await api.patch(path, { spec: { holderIdentity: null } })
    }),
  )
}

/** A time as the API takes it for a MicroTime: with exactly six digits of a second. */
export function microTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '000Z')
}

/** Spegel ends once more on the worker when all of its pods are Ready again. */
export const instanceEndsAgain: Sabotage = (cluster) => {
  const node = findNode(cluster, { role: 'worker' })
  const armed = when(
    cluster,
    ({ source, kind, subject }) => source === 'expectation' && kind === 'met' && /before its startup/.test(subject),
    () => ends(cluster, node, 'spegel'),
  )
  return Promise.resolve(undo(cluster, () => Promise.resolve(armed[Symbol.dispose]())))
}

/** Ends a program as soon as it runs on that machine. */
async function ends(cluster: StartedCluster, node: ClusterNode, program: string): Promise<void> {
  const pids = await eventually(waitContext(cluster), `${program} runs on ${node.name}`, {
    probe: () => processes(node, program),
    until: (found) => found.length > 0,
    within: budget(podStartup),
  })
  await endProcesses(node, pids)
}

/** The nodes drop what the policy lets through. */
export const egressBlockedOnNodesToo: Sabotage = (cluster) => {
  let blocked: Promise<InjectedFault> | undefined
  const armed = when(
    cluster,
    faultIs('struck', 'block-egress-policy'),
    () => (blocked = blockEgressNft(cluster, cluster.nodes)),
  )
  return Promise.resolve(
    undo(cluster, async () => {
      armed[Symbol.dispose]()
      await (await blocked)?.heal()
    }),
  )
}

/** The lock that was there before is gone when its candidates have been ended. */
export const lockDeleted: Sabotage = (cluster) => {
  const armed = when(cluster, faultIs('struck', `kill ${elector}`), () => deleteLocks(cluster))
  return Promise.resolve(undo(cluster, () => Promise.resolve(armed[Symbol.dispose]())))
}

function deleteLocks({ api }: StartedCluster): Promise<unknown> {
  return Promise.all(electorLocks.map((path) => api.delete(path)))
}

/**
 * Somebody deletes the lock of a holder that is cut off. It cannot know, and goes on until its renew deadline; a candidate
 * that has just been started takes the lock at its first look.
 */
export const lockDeletedWhileCutOff: Sabotage = (cluster) => {
  const armed = when(cluster, faultIs('injecting', 'block-egress-nft'), async ({ subject }) => {
    const kubelets = cluster.nodes.filter(isKubernetesNode)
    const cutOff = kubelets.filter(({ name }) => subject === `node/${name}`)
    for (const node of cutOff) await cut(cluster, node)
    const others = kubelets.filter((node) => !cutOff.includes(node))
    await Promise.all([deleteLocks(cluster), ...others.map((node) => ends(cluster, node, elector))])
  })
  return Promise.resolve(undo(cluster, () => Promise.resolve(armed[Symbol.dispose]())))
}

/** Returns as soon as the rules are in force on that machine; that they drop something is known two seconds later. */
async function cut(cluster: StartedCluster, node: ClusterNode): Promise<void> {
  await eventually(waitContext(cluster), `${node.name} has rules that block egress`, {
    probe: async () => (await node.exec(['nft', 'list', 'tables'])).stdout,
    until: (tables) => tables.includes('clusterproof-block-egress'),
    within: budget(podStartup),
  })
}

const kubeRouter = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-router'

/** Pods of a DaemonSet that is for no node: the controller deletes them, and they end in order. */
const removed = budget(terminationGrace, { ...podStartup, name: 'DaemonSet controller' })

/** What enforces NetworkPolicy runs nowhere: what its rules were stays in force, and no new policy is. */
export const nobodyEnforces: Sabotage = async (cluster) => {
  const { api } = cluster
  forgetEnforcement(cluster)
  const placed = (value: string | null) =>
    api.patch(kubeRouter, { spec: { template: { spec: { nodeSelector: { 'clusterproof.test/nowhere': value } } } } })
  await placed('')
  await eventually(waitContext(cluster), 'kube-router is gone', {
    probe: () => labelledPods(cluster, 'kube-system', 'k8s-app=kube-router'),
    until: (pods) => pods.length === 0,
    within: removed,
    describe: (pods) => `${pods.length} pods`,
  })
  return undo(cluster, () => placed(null))
}

const rbac = '/apis/rbac.authorization.k8s.io/v1'

/** The elector's account has its rights by a second binding too. */
export const rightsTwice: Sabotage = async (cluster) => {
  const { api } = cluster
  const name = 'clusterproof-leases'
  const apiGroup = 'rbac.authorization.k8s.io'
  const role = `${rbac}/clusterroles/${name}`
  const binding = `${rbac}/clusterrolebindings/${name}`
  await api.apply(role, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] }],
  })
  await api.apply(binding, {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: elector, namespace: elector }],
  })
  return undo(cluster, () => Promise.all([role, binding].map((path) => api.delete(path))))
}
