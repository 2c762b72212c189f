import type { StartedCluster } from '../cluster.ts'
import type { WaitContext } from '../eventually.ts'

/**
 * Waits that the journal tells of. As `probe` they are the harness's own and part of no verdict; as `expectation` they are
 * a scenario's.
 */
export function waitContext(
  { journal }: Pick<StartedCluster, 'journal'>,
  source: 'probe' | 'expectation' = 'probe',
): WaitContext {
  return {
    now: () => journal.now(),
    begin: (wait) => void journal.append(source, 'waiting', wait.name, wait),
    observe: (name, observation) => void journal.append('probe', 'observed', name, observation),
    record: (result) => void journal.append(source, result.tookMs === null ? 'missed' : 'met', result.name, result),
  }
}
