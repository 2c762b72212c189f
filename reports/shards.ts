import path from 'node:path'

import { UserError } from '../harness/user-error.ts'
import { noEvidence, type Shard, type Verdict, type Verdicts } from '../harness/verdict.ts'
import type { RunReport, ScenarioReport } from './run-model.ts'
import { factsWithoutRecords } from './scenario-facts.ts'

/** The runs of a report, made whole. */
export interface Completed {
  readonly runs: readonly RunReport[]
  /** What shards should have come to and did not; empty where nothing is missing, or where there are no shards. */
  readonly lacking: readonly Lacking[]
}

export interface Lacking {
  readonly shard: number
  readonly count: number
  /** Whether the shard has left nothing at all. */
  readonly absent: boolean
  readonly scenarios: readonly string[]
}

/**
 * The runs, with a verdict for each scenario that their shards should have come to and did not: `inconclusive`, because
 * nobody knows. A shard that has left nothing becomes a run of its own. Runs that are no shards stay as they are.
 * @param others false: this is about these shards alone, and the others may be anywhere
 * @throws {UserError} with exit code 2 where the shards are not those of one plan, or one is there twice
 */
export function completeShards(runs: readonly RunReport[], { others = true } = {}): Completed {
  const shards = runs.flatMap((run) => shardsOf(run))
  const [first] = shards
  if (first === undefined) return { runs, lacking: [] }
  refuseMixture(shards)
  const { count } = first.shard
  const lacking: Lacking[] = []
  const completed = runs.map((run) => {
    const own = shardsOf(run)[0]?.shard
    if (own === undefined) return run
    const names = without(planned(own, own.index), run.scenarios)
    if (names.length === 0) return run
    lacking.push({ shard: own.index, count, absent: false, scenarios: names })
    const added = names.map((name) => missing(name, own.index, first))
    return { ...run, scenarios: [...run.scenarios, ...added] }
  })
  const absent = Array.from({ length: others ? count : 0 }, (_, at) => at + 1)
    .filter((index) => shards.every(({ shard }) => shard.index !== index))
    .map((index) => {
      lacking.push({ shard: index, count, absent: true, scenarios: planned(first.shard, index) })
      return absentRun(first, index)
    })
  return { runs: [...completed, ...absent], lacking }
}

/** What is missing, a line a shard. */
export function lackingText(lacking: readonly Lacking[]): string[] {
  return lacking.map(({ shard, count, absent, scenarios }) => {
    const what = absent ? 'has left nothing' : 'did not come to all of its verdicts'
    return `shard ${shard} of ${count} ${what}; missing: ${scenarios.join(', ')}`
  })
}

interface Part {
  readonly report: RunReport
  readonly run: Verdicts['run']
  readonly shard: Shard
}

function shardsOf(report: RunReport): Part[] {
  const { run } = report
  return run?.shard === undefined ? [] : [{ report, run, shard: run.shard }]
}

function refuseMixture(parts: readonly Part[]): void {
  const [first, ...others] = parts
  const plans = new Set(parts.map(({ shard: { count, plan } }) => JSON.stringify({ count, plan })))
  if (first !== undefined && plans.size > 1) {
    const other = others.find(({ shard }) => JSON.stringify(shard.plan) !== JSON.stringify(first.shard.plan))
    throw new UserError(`${name(first)} and ${name(other ?? first)} are shards of different plans`, {
      exitCode: 2,
      hint: 'Shards of one run come from the same tree, with the same --project, --whole-matrix and --weights.',
    })
  }
  const twice = parts.find(({ shard }, at) => parts.findIndex((other) => other.shard.index === shard.index) !== at)
  if (twice === undefined) return
  throw new UserError(`${name(twice)} is there twice: a scenario would have two verdicts`, {
    exitCode: 2,
    hint: 'Name one directory for each shard.',
  })
}

function name({ report, shard }: Part): string {
  return `shard ${shard.index} of ${shard.count} (${report.out})`
}

function planned({ plan }: Shard, index: number): string[] {
  return plan.flatMap(({ shard, scenarios }) => (shard === index ? scenarios : []))
}

/** The names that have no scenario of their own: one in which the run ended has one, and says so itself. */
function without(names: readonly string[], scenarios: readonly ScenarioReport[]): string[] {
  const left = new Map<string, number>()
  for (const { scenario } of scenarios) left.set(scenario, (left.get(scenario) ?? 0) + 1)
  return names.filter((each) => {
    const count = left.get(each) ?? 0
    left.set(each, count - 1)
    return count <= 0
  })
}

function absentRun(first: Part, index: number): RunReport {
  const { shard, run } = first
  const id = `shard-${index}-of-${shard.count}`
  const { host, startedAt } = run
  return {
    // A directory that there is not: nothing is taken from anywhere.
    out: path.join(first.report.out, 'absent', id),
    id,
    run: { id, startedAt, finishedAt: null, host, shard: { ...shard, index } },
    scenarios: planned(shard, index).map((each) => missing(each, index, first)),
    damagedLines: 0,
    lastWords: `shard ${index} of ${shard.count} has left nothing`,
  }
}

/** Its cluster's definition: the plan does not say, and of some scenarios there are several. */
const unknown = 'unknown'

function missing(scenario: string, index: number, { shard, run }: Part): ScenarioReport {
  const verdict: Verdict = {
    scenario,
    cluster: unknown,
    distribution: { name: '', version: '', kubernetes: '' },
    outcome: 'inconclusive',
    reason: `missing: shard ${index} of ${shard.count} should have come to a verdict, and has left none`,
    expected: null,
    ...noEvidence(),
  }
  const facts = factsWithoutRecords({ name: scenario, startedAt: 0 }, { endedAt: 0, verdict })
  return { scenario, cluster: unknown, verdict, startedAt: 0, endedAt: 0, at: run.startedAt, journal: '', facts }
}
