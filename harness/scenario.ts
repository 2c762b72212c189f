import path from 'node:path'

import { messageOf } from './error-message.ts'
import type { StartedCluster } from './cluster.ts'
import type { Capability } from './cluster.ts'
import { ExpectationFailed } from './eventually.ts'
import { budget } from './budgets/budget.ts'
import { diagnosis } from './diagnosis/catalog.ts'
import { diagnoseRecovery } from './diagnosis/recovery.ts'
import { MissingCapability, NeverStruck, NoEvidence } from './faults/fault.ts'
import { MissingImage } from './images/provide.ts'
import type { NoCluster } from './no-cluster.ts'
import { ownDiagnosis } from './own-diagnosis.ts'
import { ailments } from './probes/health.ts'
import { given, type ScenarioBody, type ScenarioContext, scenarioContext } from './scenario-context.ts'
import {
  type Declared,
  type Diagnosis,
  type ExpectationResult,
  type Measurement,
  noEvidence,
  type Verdict,
} from './verdict.ts'
import { bundle } from './bundle.ts'

export interface ScenarioOptions {
  /** What this scenario declares of the clusters of this suite: an affected setup is expected to violate. */
  readonly expected?: Declared
  readonly requires?: readonly Capability[]
  /** The scenario itself says what is healthy and when: the cluster is not well before it, or not after it. */
  readonly ownHealth?: boolean
  /** It takes minutes and says little more than another: it runs with the whole matrix, or where it is asked for by name. */
  readonly nightly?: boolean
}

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
    ruling = (await ruleEarlier(cluster, violations)) ?? conforms
  } catch (error) {
    // A wait of the harness itself (within a fault or a remedy) is the verdict's evidence once it has failed.
    if (error instanceof ExpectationFailed && !expectations.includes(error.result)) expectations.push(error.result)
    const last = await rule(cluster, error)
    const isFinal = last.outcome === 'violates' || hasNoFault(error)
    const earlier = isFinal ? null : await ruleEarlier(cluster, violations)
    // What a slow host excuses, is missing, or breaks in the harness does not undo what was violated before it.
    ruling = earlier?.outcome === 'violates' ? { ...earlier, reason: `${earlier.reason}\nlater: ${last.reason}` } : last
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

/** What is to be said of what failed while the scenario went on: of the first that nothing excuses, or of the first. */
async function ruleEarlier(cluster: StartedCluster, violations: readonly ExpectationFailed[]): Promise<Ruling | null> {
  let first: Ruling | null = null
  for (const violation of violations) {
    const ruling = await rule(cluster, violation)
    if (ruling.outcome === 'violates') return ruling
    first ??= ruling
  }
  return first
}

/** Whether there was no fault that anything could be a consequence of. */
function hasNoFault(error: unknown): boolean {
  if (error instanceof SuppressedError) return hasNoFault(error.error) || hasNoFault(error.suppressed)
  return error instanceof NoEvidence
}

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
  const reason = messageOf(error)
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
  const own = undiagnosed === null ? '' : `; its own diagnosis failed: ${undiagnosed}`
  const found = await ownDiagnosis({ diagnose: () => diagnoseRecovery(cluster) }, undefined)
  const cause =
    found.diagnosis ??
    diagnosis('recovery.unexplained', `the cause could not be looked for: ${found.undiagnosed ?? ''}`)
  return { ...cause, summary: `${cause.summary}${own}` }
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
