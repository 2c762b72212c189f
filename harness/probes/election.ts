import type { Electorate } from '../add-ons/electorate.ts'
import type { StartedCluster } from '../cluster.ts'
import { formatDuration } from '../duration.ts'
import { isKubernetesNode } from '../topology.ts'
import { candidates, type CandidateState } from './candidates.ts'
import { type Holder, lockHolder } from './lock.ts'

/** An election at one moment. */
export interface ElectionView {
  /** Null: nobody, or nobody is elected. */
  readonly holder: Holder | null
  readonly candidates: readonly CandidateState[]
}

export async function electionView(
  cluster: Pick<StartedCluster, 'api'>,
  electorate: Electorate,
): Promise<ElectionView> {
  const [holder, states] = await Promise.all([lockHolder(cluster, electorate), candidates(cluster, electorate)])
  return { holder, candidates: states }
}

/** Whether every machine has a Ready pod of the electorate and, where it elects one, a pod that is there holds the lock. */
export function decided(
  { nodes }: Pick<StartedCluster, 'nodes'>,
  { lock }: Electorate,
  { holder, candidates: states }: ElectionView,
): boolean {
  const complete = states.length === nodes.filter(isKubernetesNode).length
  return complete && states.every(({ ready }) => ready) && (lock === null || (holder !== null && holder.pod !== null))
}

/** `held by spegel-x; spegel-x Ready, spegel-y not Ready (2 restarts, back-off 10 s)`. */
export function describeElection({ holder, candidates: states }: ElectionView): string {
  const who =
    holder === null ? 'held by nobody' : `held by ${holder.pod?.metadata.name ?? `${holder.identity}, which is gone`}`
  const each = states.map(({ pod, ready, restarts, backoffMs, waiting }) => {
    const again =
      restarts === 0
        ? ''
        : ` (${restarts} restarts${backoffMs === null ? '' : `, back-off ${formatDuration(backoffMs)}`})`
    return `${pod} ${ready ? 'Ready' : 'not Ready'}${again}${waiting === null ? '' : `: ${waiting.slice(0, 120)}`}`
  })
  return `${who}; ${each.join(', ') || 'no pods'}`
}
