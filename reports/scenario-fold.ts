import type { JournalRecord } from '../harness/journal.ts'
import type { Verdict } from '../harness/verdict.ts'

/** Which part of a journal a fold is told: one scenario, and the cluster that it ran on. */
export interface ScenarioStart {
  /** As its verdict names it, such as `recovery.power-cut`. */
  readonly name: string
  /** When it began, in milliseconds since the run's start. */
  readonly startedAt: number
}

/** How a scenario came to its end. */
export interface ScenarioEnd {
  /** When it ended, in milliseconds since the run's start; where the run was killed, the time of its last record. */
  readonly endedAt: number
  /** Null: the run was killed before there was one. */
  readonly verdict: Verdict | null
}

/**
 * What a report takes from the records of one scenario, as they go by: a journal may be larger than memory, so a fold
 * keeps what it needs and nothing else. It is told first of what is known of the cluster's state when the scenario begins
 * (records from before `startedAt`: of each subject and source the last one), then of the scenario's own records in their
 * order.
 */
export interface ScenarioFold<T> {
  take(record: JournalRecord): void
  end(end: ScenarioEnd): T
}

export type StartFold<T> = (start: ScenarioStart) => ScenarioFold<T>
