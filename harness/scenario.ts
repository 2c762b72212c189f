import path from 'node:path'

import type { StartedCluster } from './cluster.ts'
import type { Capability } from './cluster.ts'
import { eventually, type Expectation, ExpectationFailed, type WaitContext } from './eventually.ts'
import { budget } from './budgets/budget.ts'
import { diagnosis } from './diagnosis/catalog.ts'
import { diagnoseRecovery } from './diagnosis/recovery.ts'
import { MissingCapability, NeverStruck } from './faults/fault.ts'
import { waitContext } from './faults/wait-context.ts'
import { MissingImage } from './images/provide.ts'
import type { NoCluster } from './no-cluster.ts'
import { ailments } from './probes/health.ts'
import {
  type Diagnosis,
  type ExpectationResult,
  type Measurement,
  noEvidence,
  type Outcome,
  type Verdict,
} from './verdict.ts'
import { bundle } from './bundle.ts'

export interface ScenarioOptions {
  /** What this scenario declares of the clusters of this suite: an affected setup is expected to violate. */
  readonly expected?: { readonly outcome: Outcome; readonly diagnosis: string }
  readonly requires?: readonly Capability[]
  /** The scenario itself says what is healthy and when: the cluster is not well before it, or not after it. */
  readonly ownHealth?: boolean
  /** It takes minutes and says little more than another: it runs with the whole matrix, or where it is asked for by name. */
  readonly nightly?: boolean
}

/** What a scenario's body works with. */
export interface ScenarioContext {
  readonly cluster: StartedCluster
  /** What must hold before the fault, so that anything can be said of what comes after: else it is `inconclusive`. */
  given<T>(name: string, expectation: Omit<Expectation<T>, 'diagnose' | 'since'>): Promise<T>
  /** @throws {ExpectationFailed}, which ends the scenario with `violates` */
  eventually<T>(name: string, expectation: Expectation<T>): Promise<T>
  /** As `eventually`, but the scenario goes on: what failed is the verdict unless something later fails for good. */
  eventuallyOrViolate<T>(name: string, expectation: Expectation<T>): Promise<T | null>
  /** A condition on facts that are in already, and that time is part of: a slow host may excuse them. */
  verify(name: string, holds: boolean, diagnose: () => Diagnosis): void
  /** A condition on facts that no host is too slow for: what is lost is lost, and a wrong name is wrong. */
  require(name: string, holds: boolean, diagnose: () => Diagnosis): void
  measure(name: string, value: number, unit: string): void
}

export type ScenarioBody = (context: ScenarioContext) => Promise<void>

/** The cluster settles for this long at most before a scenario and after it. */
const settling = budget({ name: 'settling', ms: 30_000, source: 'harness: between two scenarios' })

/**
 * Runs one scenario to its verdict. Only what the cluster did can make it `violates`: what is missing in the host,
 * the evidence or the harness itself makes it `inconclusive`.
 */
export async function judge(
  name: string,
  options: ScenarioOptions,
  body: ScenarioBody,
  cluster: StartedCluster,
  out: string,
): Promise<Verdict> {
  const { journal } = cluster
  const startedAt = journal.append('scenario', 'started', name).t
  const expectations: ExpectationResult[] = []
  const measurements: Measurement[] = []
  const violations: ExpectationFailed[] = []
  // Once, and while what failed is still there: what the scenario added is gone when its body has ended.
  let evidence: Promise<string> | undefined
  const keep = () => (evidence ??= bundle(cluster, name, out))
  const context = scenarioContext(cluster, startedAt, { expectations, measurements, violations, keep })
  let ruling: Ruling
  try {
    const missing = options.requires?.find((capability) => !cluster.capabilities.has(capability))
    if (missing !== undefined) throw new MissingCapability(`${cluster.name} has no capability ${missing}`)
    if (options.ownHealth !== true) await healthyBefore(cluster)
    await body(context)
    if (options.ownHealth !== true) await healthyAfter(context)
    ruling = violations[0] === undefined ? conforms : await rule(cluster, violations[0])
  } catch (error) {
    // A wait of the harness itself (within a fault or a remedy) is the verdict's evidence once it has failed.
    if (error instanceof ExpectationFailed && !expectations.includes(error.result)) expectations.push(error.result)
    ruling = await rule(cluster, error)
  }
  const failed = ruling.outcome === 'violates' || ruling.outcome === 'inconclusive'
  const verdict: Verdict = {
    scenario: name,
    cluster: cluster.definition.name,
    distribution: cluster.distribution,
    ...ruling,
    expected: options.expected ?? null,
    expectations,
    faults: cluster.faults.filter(({ injectedAt }) => injectedAt >= startedAt),
    measurements,
    journal: path.relative(out, journal.file),
    bundle: failed ? path.relative(out, await keep()) : null,
  }
  // The whole of it: a run that is killed now has its last verdict here.
  journal.append('scenario', 'ended', name, verdict)
  return verdict
}

type Ruling = Pick<Verdict, 'outcome' | 'reason' | 'diagnosis'>

const conforms: Ruling = { outcome: 'conforms', reason: '', diagnosis: null }

async function rule(cluster: StartedCluster, error: unknown): Promise<Ruling> {
  if (error instanceof SuppressedError) {
    // The scenario failed, and then the healing of its fault did: the first is the verdict.
    const first = await rule(cluster, error.suppressed)
    // Unless there was no fault: what failed then is no consequence of one.
    if (error.error instanceof NeverStruck) {
      return { outcome: 'inconclusive', reason: `${error.error.message}\n${first.reason}`, diagnosis: null }
    }
    return { ...first, reason: `${first.reason}\nhealing failed: ${String(error.error)}` }
  }
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof MissingCapability || error instanceof MissingImage) {
    return { outcome: 'skipped', reason, diagnosis: null }
  }
  if (!(error instanceof ExpectationFailed)) return { outcome: 'inconclusive', reason, diagnosis: null }
  const slow = error.excuse ?? (error.excusable ? cluster.host.slowness(error.result.since, error.failedAt) : null)
  if (slow !== null) {
    cluster.journal.append('host', 'slow', cluster.name, slow)
    return { outcome: 'inconclusive', reason: `${slow}\n${reason}`, diagnosis: null }
  }
  return { outcome: 'violates', reason, diagnosis: error.diagnosis ?? (await causeOf(cluster, error)) }
}

/** The cause as far as it can be told: that it cannot does not undo the violation. */
async function causeOf(cluster: StartedCluster, { undiagnosed }: ExpectationFailed): Promise<Diagnosis> {
  const own = undiagnosed === null ? '' : `; what was waited for could not be explained itself: ${undiagnosed}`
  try {
    const cause = await diagnoseRecovery(cluster)
    return { ...cause, summary: `${cause.summary}${own}` }
  } catch (error) {
    return diagnosis('recovery.unexplained', `the cause could not be looked for: ${String(error)}${own}`)
  }
}

async function healthyBefore(cluster: StartedCluster): Promise<void> {
  await given(cluster, 'the cluster is healthy before the fault', {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within: settling,
    describe: (found) => found.join('; ') || 'healthy',
  })
}

async function healthyAfter({ cluster, eventually: expect }: ScenarioContext): Promise<void> {
  await expect('the cluster is healthy after the fault', {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within: settling,
    describe: (found) => found.join('; ') || 'healthy',
    diagnose: () => diagnoseRecovery(cluster),
  })
}

async function given<T>(cluster: StartedCluster, name: string, expectation: Expectation<T>): Promise<T> {
  try {
    return await eventually(waitContext({ journal: cluster.journal }), name, expectation)
  } catch (error) {
    if (!(error instanceof ExpectationFailed)) throw error
    throw new Error(`nothing can be said of a fault, because this did not hold before it: ${error.message}`, {
      cause: error,
    })
  }
}

/** What a scenario comes to, as it goes. */
interface Findings {
  readonly expectations: ExpectationResult[]
  readonly measurements: Measurement[]
  readonly violations: ExpectationFailed[]
  /** Writes the diagnostics bundle. */
  keep(): Promise<unknown>
}

function scenarioContext(
  cluster: StartedCluster,
  startedAt: number,
  { expectations, measurements, violations, keep }: Findings,
): ScenarioContext {
  const { journal } = cluster
  const told = waitContext(cluster, 'expectation')
  const wait: WaitContext = {
    ...told,
    missed: keep,
    record(result) {
      expectations.push(result)
      told.record(result)
    },
  }
  const judgeFact = (name: string, holds: boolean, diagnose: () => Diagnosis, excusable: boolean) => {
    const at = journal.now()
    // The facts are from the whole scenario, and so is what slowed the host down.
    const result = { name, budget: 'at once', withinMs: 0, tookMs: holds ? 0 : null, since: startedAt }
    wait.record(result)
    if (holds) return
    const cause = diagnose()
    throw new ExpectationFailed(`${name}: it does not hold\n  ${cause.summary}`, result, at, cause, { excusable })
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
    verify: (name, holds, diagnose) => judgeFact(name, holds, diagnose, true),
    require: (name, holds, diagnose) => judgeFact(name, holds, diagnose, false),
    measure(name, value, unit) {
      measurements.push({ name, value: Math.round(value * 1_000) / 1_000, unit })
    },
  }
}

/** The verdict of a scenario whose cluster is not there. */
export function verdictWithoutCluster(
  name: string,
  options: ScenarioOptions,
  definition: { readonly name: string; readonly provider: string; readonly kubernetes: string },
  { outcome, reason }: NoCluster,
): Verdict {
  return {
    scenario: name,
    cluster: definition.name,
    distribution: { name: definition.provider, version: '', kubernetes: definition.kubernetes },
    outcome,
    reason,
    expected: options.expected ?? null,
    ...noEvidence(),
  }
}
