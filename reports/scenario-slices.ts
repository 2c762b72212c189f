import type { JournalRecord } from '../harness/journal.ts'
import { type Verdict, verdictSchema } from '../harness/verdict.ts'
import { ClusterState } from './cluster-state.ts'
import type { ScenarioFold, StartFold } from './scenario-fold.ts'

/** One scenario out of a journal. */
export interface ScenarioSlice<T> {
  readonly name: string
  /** Milliseconds since the run's start; where the run was killed, `endedAt` is the time of the journal's last record. */
  readonly startedAt: number
  readonly endedAt: number
  /** The wall-clock time of its start, ISO 8601. */
  readonly at: string
  /** Null: the journal ends, or the scenario begins anew, before there was one. */
  readonly verdict: Verdict | null
  readonly facts: T
}

/** What another file tells of the verdict of a scenario, where the journal's own line is damaged: its `nth` of that name. */
export type OtherVerdict = (name: string, nth: number) => Verdict | null

/**
 * Cuts the records of one journal into its scenarios, in the order of their ends, and folds each as it goes by. What was
 * written between two scenarios belongs to none; what it says of the cluster's state, the next one's fold is told first.
 * Where two files of scenarios write one journal, two scenarios may be open at once, and each is told of every record.
 */
export async function* scenarioSlices<T>(
  records: AsyncIterable<JournalRecord>,
  start: StartFold<T>,
  otherVerdict: OtherVerdict = () => null,
): AsyncGenerator<ScenarioSlice<T>> {
  const state = new ClusterState()
  const counts = new Map<string, number>()
  const open = new Map<string, OpenScenario<T>>()
  let last = 0
  const begin = (record: JournalRecord) => {
    const nth = counts.get(record.subject) ?? 0
    counts.set(record.subject, nth + 1)
    return new OpenScenario(record, nth, start, state)
  }
  const end = (scenario: OpenScenario<T>, endedAt: number, verdict: Verdict | null) => {
    open.delete(scenario.name)
    return scenario.end(endedAt, verdict ?? otherVerdict(scenario.name, scenario.nth))
  }

  for await (const record of records) {
    last = Math.max(last, record.t)
    if (record.source !== 'scenario') {
      state.take(record)
      for (const scenario of open.values()) scenario.fold.take(record)
      continue
    }
    const before = open.get(record.subject)
    if (record.kind === 'started') {
      if (before !== undefined) yield end(before, last, null)
      open.set(record.subject, begin(record))
    } else if (record.kind === 'ended') {
      // Where the line of its start is damaged, all that is left of it is its verdict.
      yield end(before ?? begin(record), record.t, verdictOf(record.data))
    }
  }
  for (const scenario of open.values()) yield end(scenario, last, null)
}

class OpenScenario<T> {
  readonly name: string
  /** How many of its name were before it in this journal. */
  readonly nth: number
  readonly fold: ScenarioFold<T>
  readonly #startedAt: number
  readonly #at: string

  constructor({ subject, t, at }: JournalRecord, nth: number, start: StartFold<T>, state: ClusterState) {
    this.name = subject
    this.nth = nth
    this.#startedAt = t
    this.#at = at
    this.fold = start({ name: subject, startedAt: t })
    for (const record of state.records()) this.fold.take(record)
  }

  end(endedAt: number, verdict: Verdict | null): ScenarioSlice<T> {
    const facts = this.fold.end({ endedAt, verdict })
    return { name: this.name, startedAt: this.#startedAt, endedAt, at: this.#at, verdict, facts }
  }
}

/** The verdict that an `ended` record holds; null where that is none. */
function verdictOf(data: unknown): Verdict | null {
  if (typeof data !== 'object' || data === null) return null
  // A figure that could not be measured is null in JSON, and left out of verdicts.json as well.
  const measurements =
    'measurements' in data && Array.isArray(data.measurements)
      ? data.measurements.filter((figure: unknown) => !isUnmeasured(figure))
      : []
  const result = verdictSchema.safeParse({ ...data, measurements })
  return result.success ? result.data : null
}

function isUnmeasured(figure: unknown): boolean {
  return typeof figure === 'object' && figure !== null && 'value' in figure && figure.value === null
}
