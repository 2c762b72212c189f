import type { ElectionTiming } from '../budgets/election.ts'
import type { Term } from '../budgets/budget.ts'
import type { Labels } from '../kube/network-policy.ts'
import type { Pod } from '../kube/types.ts'

/** What the holder of an election is written into. Spegel up to v0.0.28 keeps two objects of one name, as client-go's ConfigMapsLeases did. */
export interface ElectionLock {
  readonly name: string
  readonly kinds: readonly ('Lease' | 'ConfigMap')[]
}

/** Pods of a DaemonSet that elect one of themselves. */
export interface Electorate {
  /** What verdicts call it: `spegel v0.0.17`. */
  readonly name: string
  readonly namespace: string
  /** The DaemonSet's name. */
  readonly daemonSet: string
  /** What its pods are selected by. */
  readonly labels: Labels
  readonly container: string
  /** What its container runs, as its command line begins, without the path. */
  readonly program: string
  readonly serviceAccount: string
  /** Name of the Role, and of the RoleBinding that gives it to the ServiceAccount. */
  readonly role: string
  /** Null: this version elects nobody. */
  readonly lock: ElectionLock | null
  readonly timing: ElectionTiming
  /** How long its startup probe lets a pod take. */
  readonly startup: Term
  /** The pod that a lock's holder is; undefined: one that is there no more. */
  podOf(holder: string, pods: readonly Pod[]): Pod | undefined
}
