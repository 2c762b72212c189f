import type { StartedCluster } from '../cluster.ts'
import type { WaitContext } from '../eventually.ts'

/** Who waits: the harness itself, for what is part of no verdict unless it fails, or a scenario. */
type Source = 'probe' | 'expectation'

/** Waits that the journal tells of. */
export function waitContext({ journal }: Pick<StartedCluster, 'journal'>, source: Source = 'probe'): WaitContext {
  return {
    now: () => journal.now(),
    begin: (wait) => void journal.append(source, 'waiting', wait.name, wait),
    observe: (name, observation) => void journal.append('probe', 'observed', name, observation),
    record: (result) => void journal.append(source, result.tookMs === null ? 'missed' : 'met', result.name, result),
  }
}

/** Waits that a cluster under test is judged by: what others have of its host may excuse it (harness/own-time.ts). */
export function judgedContext(cluster: Pick<StartedCluster, 'journal' | 'host'>, source?: Source): WaitContext {
  return { ...waitContext(cluster, source), host: cluster.host }
}
