import type { Budget } from './budgets/budget.ts'
import type { StartedCluster } from './cluster.ts'
import {
  eventually,
  type Expectation,
  ExpectationFailed,
  expectationResult,
  never,
  type WaitContext,
  type Watch,
} from './eventually.ts'
import { judgedContext, waitContext } from './faults/wait-context.ts'
import { type Lapse, longestOf } from './lapse.ts'
import { excuseLapse } from './own-time.ts'
import type { Diagnosis, ExpectationResult, Measurement } from './verdict.ts'

/** What a scenario's body works with. */
export interface ScenarioContext {
  readonly cluster: StartedCluster
  /** What must hold before the fault, so that anything can be said of what comes after: else it is `inconclusive`. */
  given<T>(name: string, expectation: Omit<Expectation<T>, 'diagnose' | 'since'>): Promise<T>
  /** @throws {ExpectationFailed}, which ends the scenario with `violates` */
  eventually<T>(name: string, expectation: Expectation<T>): Promise<T>
  /** As `eventually`, but the scenario goes on: what failed is the verdict unless something later fails for good. */
  eventuallyOrViolate<T>(name: string, expectation: Expectation<T>): Promise<T | null>
  /**
   * No stretch of time that is over lasted longer than it may: gaps, a delay. What others had of the host in it may excuse
   * one (harness/own-time.ts); the longest that is not excused is diagnosed. Where all are, the scenario goes on.
   */
  lasted(name: string, lapses: readonly Lapse[], within: Budget, diagnose: (longest: Lapse) => Diagnosis): void
  /** @throws {ExpectationFailed} as soon as it comes true, and `Error` where nobody could see whether it does */
  never<T>(name: string, watch: Watch<T>): Promise<void>
  /**
   * A condition on facts that are in already, and that time is part of: a host that was slow while they came about may
   * excuse them.
   * @param during when that was; default: the whole scenario
   */
  verify(name: string, holds: boolean, diagnose: () => Diagnosis, during?: Lapse): void
  /** A condition on facts that no host is too slow for: what is lost is lost, and a wrong name is wrong. */
  require(name: string, holds: boolean, diagnose: () => Diagnosis): void
  measure(name: string, value: number, unit: string): void
}

export type ScenarioBody = (context: ScenarioContext) => Promise<void>

export async function given<T>(cluster: StartedCluster, name: string, expectation: Expectation<T>): Promise<T> {
  try {
    return await eventually(waitContext(cluster), name, expectation)
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error
    throw new Error(`nothing can be said of a fault, because this did not hold before it: ${error.message}`, {
      cause: error,
    })
  }
}

/** What a scenario comes to, as it goes. */
export interface Findings {
  readonly expectations: ExpectationResult[]
  readonly measurements: Measurement[]
  /** What failed while the scenario went on; some of it may be excused. */
  readonly violations: ExpectationFailed[]
  /** Writes the diagnostics bundle. */
  keep(): Promise<unknown>
}

export function scenarioContext(
  cluster: StartedCluster,
  startedAt: number,
  { expectations, measurements, violations, keep }: Findings,
): ScenarioContext {
  const { journal } = cluster
  const told = judgedContext(cluster, 'expectation')
  const wait: WaitContext = {
    ...told,
    missed: keep,
    record(result) {
      expectations.push(result)
      told.record(result)
    },
  }
  const judgeFact = (
    name: string,
    holds: boolean,
    diagnose: () => Diagnosis,
    excusable: boolean,
    { since, ms }: Lapse = { since: startedAt, ms: journal.now() - startedAt },
  ) => {
    const result = { name, budget: 'at once', withinMs: 0, tookMs: holds ? 0 : null, since }
    wait.record(result)
    if (holds) return
    const cause = diagnose()
    const message = `${name}: it does not hold\n  ${cause.summary}`
    throw new ExpectationFailed(message, result, since + ms, cause, { excusable })
  }
  return {
    cluster,
    given: (name, expectation) => given(cluster, name, expectation),
    eventually: (name, expectation) => eventually(wait, name, expectation),
    async eventuallyOrViolate(name, expectation) {
      try {
        return await eventually(wait, name, expectation)
      } catch (error) {
        if (!(error instanceof ExpectationFailed)) throw error
        violations.push(error)
        return null
      }
    },
    lasted(name, lapses, within, diagnose) {
      const excuses = new Map(
        lapses.filter(({ ms }) => ms > within.ms).map((lapse) => [lapse, excuseLapse(cluster.host, lapse, within.ms)]),
      )
      const late = [...excuses.keys()]
      const unexcused = late.filter((lapse) => excuses.get(lapse) === null)
      const longest = longestOf([unexcused, late].find(({ length }) => length > 0) ?? lapses)
      const result = expectationResult(name, within, longest.since, late.length === 0 ? longest.ms : null)
      wait.record(result)
      if (late.length === 0) return
      const cause = diagnose(longest)
      // Not rounded to a tenth as other durations are: it may be hardly longer than its budget.
      const lasted = `it lasted ${Math.ceil(longest.ms) / 1_000} s`
      const message = `${name}: ${lasted}\n  budget: ${result.budget}\n  ${cause.summary}`
      const excuse = excuses.get(longest) ?? null
      const failure = new ExpectationFailed(message, result, journal.now(), cause, { excusable: false, excuse })
      if (excuse === null) throw failure
      violations.push(failure)
    },
    never: (name, watch) => never(wait, name, watch),
    verify: (name, holds, diagnose, during) => judgeFact(name, holds, diagnose, true, during),
    require: (name, holds, diagnose) => judgeFact(name, holds, diagnose, false),
    measure(name, value, unit) {
      measurements.push({ name, value: Math.round(value * 1_000) / 1_000, unit })
    },
  }
}
