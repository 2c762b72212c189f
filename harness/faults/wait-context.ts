import type { StartedCluster } from '../cluster.ts'
import type { WaitContext } from '../eventually.ts'

/** Waits of the harness itself: observed in the journal, part of no verdict. */
export function waitContext(cluster: Pick<StartedCluster, 'journal'>): WaitContext {
  return {
    now: () => cluster.journal.now(),
    begin: (wait) => void cluster.journal.append('probe', 'waiting', wait.name, wait),
    observe: (name, observation) => void cluster.journal.append('probe', 'observed', name, observation),
    record: (result) =>
      void cluster.journal.append('probe', result.tookMs === null ? 'missed' : 'met', result.name, result),
  }
}
