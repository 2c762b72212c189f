import type { StartedCluster } from '../cluster.ts'
import type { FaultResult } from '../verdict.ts'

/** Something that breaks a cluster, as a value: nothing happens before `inject`. */
export interface Fault {
  readonly name: string
  /** The node that it strikes. */
  readonly node: string
  /** Whether this cluster can be struck so; if not, what it lacks. */
  available(cluster: StartedCluster): true | string
  /** Strikes, and returns once the fault has left its evidence. @throws {NoEvidence} */
  inject(cluster: StartedCluster): Promise<Strike>
}

/** What a fault did, and how it is undone. */
export interface Strike {
  /** What shows that it struck: it goes into the journal. */
  readonly evidence: unknown
  /** Undoes it; called once at most. A fault that passes by itself resolves at once. */
  heal(): Promise<void>
}

/** A fault in effect. It heals itself where it goes out of scope. */
export interface InjectedFault extends AsyncDisposable {
  readonly name: string
  readonly node: string
  /** When it was asked for, in milliseconds of the run's clock. */
  readonly injectedAt: number
  /** Heals it, if that has not been done, and returns when it did. */
  heal(): Promise<number>
}

/** The fault left no trace: nothing can be concluded from what did or did not happen after it. */
export class NoEvidence extends Error {
  override readonly name = 'NoEvidence'
}

/** The cluster lacks what the fault or the scenario needs. */
export class MissingCapability extends Error {
  override readonly name = 'MissingCapability'
}

/**
 * Strikes, and writes down when.
 * @throws {MissingCapability} where this cluster cannot be struck so
 * @throws {NoEvidence} where it left no trace
 */
export async function inject(cluster: StartedCluster, fault: Fault): Promise<InjectedFault> {
  const available = fault.available(cluster)
  if (available !== true) throw new MissingCapability(`${fault.name}: ${available}`)

  const { journal } = cluster
  const subject = `node/${fault.node}`
  const injectedAt = journal.append('fault', 'injecting', subject, { fault: fault.name }).t
  const record: FaultResult = { name: fault.name, node: fault.node, injectedAt, healedAt: null }
  cluster.faults.push(record)
  const strike = await fault.inject(cluster)
  journal.append('fault', 'struck', subject, { fault: fault.name, evidence: strike.evidence })

  let healing: Promise<number> | undefined
  const heal = () => {
    healing ??= strike.heal().then(() => {
      const healedAt = journal.append('fault', 'healed', subject, { fault: fault.name }).t
      record.healedAt = healedAt
      return healedAt
    })
    return healing
  }
  return {
    name: fault.name,
    node: fault.node,
    injectedAt,
    heal,
    [Symbol.asyncDispose]: async () => void (await heal()),
  }
}
