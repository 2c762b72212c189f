import type { StartedCluster } from '../cluster.ts'
import type { WaitContext } from '../eventually.ts'

/** Whoever waits for a cluster under test, which has faults, or for something before there is one. */
type Waiting = Pick<StartedCluster, 'journal'> & Partial<Pick<StartedCluster, 'host' | 'faults'>>

/**
 * Waits that the journal tells of, and where a cluster is under test what its host may excuse. As `probe` they are the
 * harness's own and part of no verdict; as `expectation` they are a scenario's.
 */
export function waitContext(
  { journal, host, faults }: Waiting,
  source: 'probe' | 'expectation' = 'probe',
): WaitContext {
  return {
    now: () => journal.now(),
    begin: (wait) => void journal.append(source, 'waiting', wait.name, wait),
    observe: (name, observation) => void journal.append('probe', 'observed', name, observation),
    ...(host !== undefined && faults !== undefined && { host }),
    record: (result) => void journal.append(source, result.tookMs === null ? 'missed' : 'met', result.name, result),
  }
}
