import { type Budget, describeBudget, type Term } from '../../harness/budgets/budget.ts'
import { diagnosis } from '../../harness/diagnosis/catalog.ts'
import { diagnoseRecovery } from '../../harness/diagnosis/recovery.ts'
import { formatDuration } from '../../harness/duration.ts'
import { longestOf } from '../../harness/lapse.ts'
import { ailments } from '../../harness/probes/health.ts'
import type { ScenarioContext } from '../../harness/scenario-context.ts'
import { NumberedWrites } from '../../harness/workloads/numbered-writes.ts'
import { applyServerConfig, serverReady } from '../../harness/workloads/server.ts'
import { SteadyReads } from '../../harness/workloads/steady-reads.ts'
import { ledAgain } from '../recovery/leading.ts'

/** What a strike on etcd did, and what etcd owes its clients for it. */
export interface Healed {
  /** When the strike was over, in milliseconds of the run's clock. */
  readonly at: number
  /** Writes are acknowledged again within this from then on. */
  readonly back: Budget
  /** The longest time without an acknowledged write, from the first strike on. */
  readonly gap: Budget
}

/** The time that a fault itself leaves etcd without a majority. */
export function faultWindow(ms: number): Term {
  return { name: 'the fault itself', ms, source: 'measured: from the strike to the healing' }
}

/**
 * Writes numbered ConfigMaps and reads them while `strike` breaks and heals etcd, and holds etcd to what it owes: every
 * acknowledged write is there, once and in order, and no gap is longer than its budget.
 */
export async function underTraffic(context: ScenarioContext, strike: () => Promise<Healed>): Promise<void> {
  const { cluster, given, eventually, lasted, measure } = context
  const { api, journal } = cluster
  await applyServerConfig(cluster)
  await using writes = new NumberedWrites(api, journal)
  await using reads = new SteadyReads(api, writes, journal)
  await given('writes are acknowledged before the fault', {
    probe: () => Promise.resolve(writes.acknowledged),
    until: (acknowledged) => acknowledged >= 10,
    within: serverReady,
  })

  const { gap } = await struck(context, writes, strike).catch((error: unknown) => {
    // What is lost is lost, whatever else was late.
    if (reads.anomalies.length > 0) judgeWrites(context, reads)
    throw error
  })
  await writes.stop()
  await reads.stop()
  // The API server answers lists with 429 while it fills its watch cache anew, which an election may make it do.
  await eventually('what was acknowledged is read once more', {
    probe: async () => {
      await reads.readOnce()
      return true
    },
    until: Boolean,
    within: gap,
    describe: () => 'it was read',
    diagnose: () => diagnoseRecovery(cluster),
  })
  measure('writes acknowledged', writes.acknowledged, '')
  const [writeGaps, readGaps] = [writes.gaps(), reads.gaps()]
  measure('longest gap between writes', longestOf(writeGaps).ms, 'ms')
  measure('longest gap between reads', longestOf(readGaps).ms, 'ms')
  judgeWrites(context, reads)
  for (const [what, gaps] of [
    ['write was acknowledged', writeGaps],
    ['read was answered', readGaps],
  ] as const) {
    lasted(`never longer than ${formatDuration(gap.ms)} until the next ${what}`, gaps, gap, (silence) =>
      diagnosis('etcd.unavailable', `no ${what} for ${formatDuration(silence.ms)}; budget: ${describeBudget(gap)}`),
    )
  }
}

/** Strikes, and waits until writes are acknowledged again. */
async function struck(
  { cluster, eventually, measure }: ScenarioContext,
  writes: NumberedWrites,
  strike: () => Promise<Healed>,
): Promise<Healed> {
  const healed = await strike()
  const { at: healedAt, back } = healed
  await eventually('writes are acknowledged again', {
    probe: () => Promise.resolve(writes.acknowledgedSince(healedAt)),
    until: (acknowledged) => acknowledged,
    within: back,
    since: healedAt,
    describe: (acknowledged) => (acknowledged ? 'a write was acknowledged' : 'no write was acknowledged'),
    diagnose: () => diagnoseRecovery(cluster),
  })
  measure('writes again after', cluster.journal.now() - healedAt, 'ms')
  return healed
}

function judgeWrites({ require }: ScenarioContext, { anomalies }: SteadyReads): void {
  const lost = anomalies.filter(({ kind }) => kind !== 'reordered' && kind !== 'twice')
  require('every acknowledged write is there', lost.length === 0, () =>
    diagnosis('etcd.write-lost', lost.map(({ what }) => what).join('; ')))
  const disordered = anomalies.filter((anomaly) => !lost.includes(anomaly))
  require('no acknowledged write is there twice or out of order', disordered.length === 0, () =>
    diagnosis('etcd.write-reordered', disordered.map(({ what }) => what).join('; ')))
}

/** The whole cluster is well again without hands, and led. */
export async function settled(context: ScenarioContext, within: Budget): Promise<void> {
  const { cluster, eventually } = context
  const [since, renewedSince] = [cluster.journal.now(), Date.now()]
  const diagnose = () => diagnoseRecovery(cluster)
  await eventually('the cluster is healthy without hands', {
    probe: () => ailments(cluster),
    until: (found) => found.length === 0,
    within,
    describe: (found) => found.join('; ') || 'healthy',
    diagnose,
  })
  await ledAgain(context, { since, renewedSince, within, diagnose })
}
