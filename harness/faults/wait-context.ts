import type { StartedCluster } from '../cluster.ts'
import type { WaitContext } from '../eventually.ts'

/** Waits of the harness itself: observed in the journal, part of no verdict. */
export function waitContext(cluster: Pick<StartedCluster, 'journal'>): WaitContext {
  return {
    now: () => cluster.journal.now(),
    observe: (name, observation) => void cluster.journal.append('probe', 'observed', name, observation),
    record: () => undefined,
  }
}
