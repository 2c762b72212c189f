import kind from '../../clusters/kind.ts'
import kubeadm from '../../clusters/kubeadm.ts'
import split from '../../clusters/split.ts'
import stackedHa from '../../clusters/stacked-ha.ts'
import { type ClusterDefinition, defineCluster } from '../../harness/topology.ts'

/** A cluster whose start is measured. */
export interface Contender {
  readonly definition: ClusterDefinition
  /** The share of the reference's time that it must not exceed; left out: it is only shown. */
  readonly goal?: number
}

const single = defineCluster({
  ...kubeadm,
  name: 'single',
  nodes: kubeadm.nodes.filter(({ roles }) => roles.includes('control-plane')),
})

/** What the others are compared with: `kind create cluster`. */
export const reference: Contender = { definition: kind }

/** All of them, in the order in which they are shown. They have one version of Kubernetes, and so one node image. */
export const contenders: readonly Contender[] = [
  reference,
  { definition: kubeadm, goal: 0.7 },
  { definition: single },
  { definition: split },
  { definition: stackedHa },
]

/**
 * The order in which a round starts them: every second round the other way round, so that none always comes after the
 * same one. The first begins at the end: what is read from the disk for the first time is not the reference's loss.
 */
export function roundOrder<T>(all: readonly T[], round: number): readonly T[] {
  return round % 2 === 1 ? all.toReversed() : all
}
