import kind from '../../clusters/kind.ts'
import kubeadm from '../../clusters/kubeadm.ts'
import split from '../../clusters/split.ts'
import stackedHa from '../../clusters/stacked-ha.ts'
import { type ClusterDefinition, defineCluster, type NodeDefinition } from '../../harness/topology.ts'
import { describeMachines } from './machine-roles.ts'

/** What a contender is compared with, each start with the one of the same round. */
export interface Comparison {
  readonly with: string
  /** The share of the other's time that it must not exceed; null: the ratio is only shown. */
  readonly goal: number | null
}

interface Common {
  readonly name: string
  /** Its machines in words. */
  readonly machines: string
  readonly comparisons: readonly Comparison[]
}

/** Something whose start is measured. */
export type Contender = Common &
  (
    | { readonly kind: 'cluster'; readonly definition: ClusterDefinition }
    /** etcd and an API server, started by hand in one container of the node image: nothing can be faster. */
    | { readonly kind: 'floor'; readonly kubernetes: string }
    /** A cluster that was made before, stopped and copied; what is measured is its coming back. */
    | { readonly kind: 'snapshot'; readonly definition: ClusterDefinition }
  )

const controlPlane = (name: string) => ({ name, roles: ['control-plane' as const, 'etcd' as const] })
const worker = (name: string) => ({ name, roles: ['worker' as const] })
const threeAndTwo = () => [...['cp-1', 'cp-2', 'cp-3'].map(controlPlane), ...['worker-1', 'worker-2'].map(worker)]
const withoutWorkers = (nodes: readonly NodeDefinition[]) => nodes.filter(({ roles }) => !roles.includes('worker'))

function cluster(definition: ClusterDefinition, goals: Readonly<Record<string, number | null>> = {}): Contender {
  return {
    kind: 'cluster',
    name: definition.name,
    machines: describeMachines(definition.nodes),
    definition,
    comparisons: Object.entries(goals).map(([other, goal]) => ({ with: other, goal })),
  }
}

/** Of kind's time. */
const half = 0.5

/**
 * All of them, in the order in which they are shown and started: what is compared stands side by side. They have one
 * version of Kubernetes, and so one node image.
 *
 * kind has no machines of etcd alone: `split` has as many machines as `kind-ha`, and as many members of etcd, and is
 * compared with it, and beside it with the smallest of kind's clusters that has its control plane and its workers.
 */
export const contenders: readonly Contender[] = [
  {
    kind: 'floor',
    name: 'floor',
    machines: 'etcd + API server, by hand',
    kubernetes: kubeadm.kubernetes,
    comparisons: [],
  },
  cluster(defineCluster({ ...kubeadm, name: 'single', nodes: withoutWorkers(kubeadm.nodes) }), {
    'kind-single': half,
    floor: 2,
  }),
  cluster(defineCluster({ ...kind, name: 'kind-single', nodes: withoutWorkers(kind.nodes) })),
  cluster(kind),
  cluster(kubeadm, { kind: half }),
  {
    kind: 'snapshot',
    name: 'snapshot',
    machines: describeMachines(kubeadm.nodes),
    // Its name is that of its cluster, which another run may have at the same time.
    definition: defineCluster({ ...kubeadm, name: 'snapshot' }),
    comparisons: [{ with: kubeadm.name, goal: half }],
  },
  cluster(split, { kind: null, 'kind-ha': half }),
  cluster(defineCluster({ ...kind, name: 'kind-ha', nodes: threeAndTwo() })),
  cluster(defineCluster({ ...stackedHa, nodes: threeAndTwo() }), { 'kind-ha': half }),
]

/**
 * The order in which a round starts them: every second round the other way round, so that none always comes after the
 * same one. The first begins at the end: what is read from the disk for the first time is not kind's loss.
 */
export function roundOrder<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 1 ? all.toReversed() : all
}
