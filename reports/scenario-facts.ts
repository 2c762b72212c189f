import { type EtcdFacts, foldEtcd } from './facts/etcd.ts'
import { foldRecovery, type RecoveryFacts } from './facts/recovery.ts'
import { foldTimeline, type TimelineFacts } from './facts/timeline.ts'
import { foldTransfers, type TransferFacts } from './facts/transfers.ts'
import { sturdy } from './sturdy-fold.ts'
import type { ScenarioEnd, ScenarioStart, StartFold } from './scenario-fold.ts'

/** What the pictures of a scenario are drawn from. */
export interface ScenarioFacts {
  readonly timeline: TimelineFacts
  readonly recovery: RecoveryFacts
  readonly etcd: EtcdFacts
  readonly transfers: TransferFacts
}

/** All folds over one scenario at once: a journal is read only one time. */
export const foldFacts: StartFold<ScenarioFacts> = (start) => {
  const timeline = sturdy('timeline', foldTimeline)(start)
  const recovery = sturdy('recovery', foldRecovery)(start)
  const etcd = sturdy('etcd', foldEtcd)(start)
  const transfers = sturdy('transfers', foldTransfers)(start)
  return {
    take(record) {
      timeline.take(record)
      recovery.take(record)
      etcd.take(record)
      transfers.take(record)
    },
    end: (end) => ({
      timeline: timeline.end(end),
      recovery: recovery.end(end),
      etcd: etcd.end(end),
      transfers: transfers.end(end),
    }),
  }
}

/** The facts of a scenario that left no record: what its verdict alone tells. */
export function factsWithoutRecords(start: ScenarioStart, end: ScenarioEnd): ScenarioFacts {
  return foldFacts(start).end(end)
}
