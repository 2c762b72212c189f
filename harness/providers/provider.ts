import type { StartedCluster } from '../cluster.ts'
import type { Run } from '../run.ts'
import type { ClusterDefinition } from '../topology.ts'
import type { HostMonitor } from '../host-monitor.ts'
import type { Journal } from '../journal.ts'

/** What a cluster is built with. */
export interface ProviderContext {
  readonly run: Run
  readonly journal: Journal
  readonly host: HostMonitor
  /** `tolerated`: the cluster is handed over as soon as its API answers, and its health is the scenario's to judge. */
  readonly unhealthy?: 'tolerated'
  /** Told of each machine of the cluster whenever it starts. */
  readonly onMachineStart?: ((machine: string) => void) | undefined
}

/** Makes a cluster out of a definition. */
export interface Provider {
  /** Says what it cannot build before anything is started. @throws {UserError} */
  check(definition: ClusterDefinition): Promise<void>
  /** Builds it and returns once it is healthy. What was built is removed again where that fails. */
  start(definition: ClusterDefinition, context: ProviderContext): Promise<StartedCluster>
}
