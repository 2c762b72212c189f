import { type Budget, budget } from '../budgets/budget.ts'
import type { StartedCluster } from '../cluster.ts'
import { eventually, type Expectation, ExpectationFailed } from '../eventually.ts'
import type { FaultResult } from '../verdict.ts'
import { waitContext } from './wait-context.ts'

/** Something that breaks a cluster, as a value: nothing happens before `inject`. */
export interface Fault {
  readonly name: string
  /** The node that it strikes; of one that strikes an object of the API, `Kind namespace/name`. */
  readonly node: string
  /** What the journal says that it strikes; left out: `node/` and the node. */
  readonly subject?: string
  /** Whether this cluster can be struck so; if not, what it lacks. */
  available(cluster: StartedCluster): true | string
  /** Strikes, and returns once the fault has left its evidence, or can do nothing more for it. @throws {NoEvidence} */
  inject(cluster: StartedCluster): Promise<Strike>
}

/** What a fault did, and how it is undone. */
export interface Strike {
  /**
   * What shows that it struck: it goes into the journal. Null: nothing yet. Rules that drop packets strike once somebody
   * sends one; until then only `later` can tell.
   */
  readonly evidence: unknown
  /** What shows by now that it struck; null: nothing. It is asked before the fault is healed, and changes nothing. */
  later?(): Promise<unknown>
  /** Undoes it; called once at most. A fault that passes by itself resolves at once. */
  heal(): Promise<void>
}

/** A fault in effect. It heals itself where it goes out of scope. */
export interface InjectedFault extends AsyncDisposable {
  readonly name: string
  readonly node: string
  /** When it was asked for, in milliseconds of the run's clock. */
  readonly injectedAt: number
  /**
   * What shows that it struck. Most faults have it when they are injected; others are waited for, which only makes sense
   * once something does what they are against.
   * @throws {NoEvidence} where nothing shows it in time
   */
  evidence(within?: Budget): Promise<unknown>
  /**
   * Heals it, if that has not been done, and returns when it did.
   * @throws {NeverStruck} where nothing ever showed that it struck; it is healed all the same
   */
  heal(): Promise<number>
}

/** The fault left no trace: nothing can be concluded from what did or did not happen after it. */
export class NoEvidence extends Error {
  override readonly name = 'NoEvidence'
}

/** The fault was in effect, and by its end nothing had shown that it struck anything. */
export class NeverStruck extends NoEvidence {}

/** The cluster lacks what the fault or the scenario needs. */
export class MissingCapability extends Error {
  override readonly name = 'MissingCapability'
}

/** Waits for what shows that a fault struck. @throws {NoEvidence} which says what was seen instead */
export async function awaitEvidence<T>(
  cluster: Pick<StartedCluster, 'journal'>,
  fault: string,
  what: string,
  expectation: Expectation<T>,
): Promise<T> {
  try {
    return await eventually(waitContext(cluster), what, expectation)
  } catch (cause) {
    if (!(cause instanceof ExpectationFailed)) throw cause
    throw new NoEvidence(`${fault}: ${cause.message}`, { cause })
  }
}

/** What is cut off speaks again within this: TCP repeats itself after 0.2, 0.4, … s, and clients try anew. */
const spoken = budget({ name: 'something that is hindered', ms: 30_000, source: 'harness: TCP RTO, client retries' })

/**
 * Strikes, and writes down when.
 * @throws {MissingCapability} where this cluster cannot be struck so
 * @throws {NoEvidence} where it left no trace
 */
export async function inject(cluster: StartedCluster, fault: Fault): Promise<InjectedFault> {
  const available = fault.available(cluster)
  if (available !== true) throw new MissingCapability(`${fault.name}: ${available}`)

  const { journal } = cluster
  const { name, node, subject = `node/${node}` } = fault
  const injectedAt = journal.append('fault', 'injecting', subject, { fault: name }).t
  const record: FaultResult = { name, node, injectedAt, healedAt: null }
  cluster.faults.push(record)
  const strike = await fault.inject(cluster)
  journal.append('fault', 'struck', subject, { fault: name, evidence: strike.evidence })

  let seen = strike.evidence
  const look = async () => {
    const later = (await strike.later?.()) ?? null
    seen = later ?? seen
    return later
  }
  const heal = async () => {
    // That nobody can look must not keep it from being healed.
    const last = strike.later === undefined ? undefined : await look().catch((error: unknown) => String(error))
    journal.append('fault', 'healing', subject, { fault: name })
    await strike.heal()
    const healedAt = journal.append('fault', 'healed', subject, { fault: name, evidence: last }).t
    record.healedAt = healedAt
    if (seen === null) throw new NeverStruck(`${name}: nothing showed that it struck ${node} until it was healed`)
    return healedAt
  }
  let healing: Promise<number> | undefined
  const healOnce = () => (healing ??= heal())
  return {
    name,
    node,
    injectedAt,
    async evidence(within = spoken) {
      if (seen !== null) return seen
      return awaitEvidence(cluster, name, `${name} strikes ${node}`, {
        probe: look,
        until: (found) => found !== null,
        within,
      })
    },
    heal: healOnce,
    async [Symbol.asyncDispose]() {
      // What heal() has thrown, whoever called it has heard.
      await (healing === undefined ? healOnce() : healing.catch(() => undefined))
    },
  }
}
