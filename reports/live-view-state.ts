import { journalNameOf, type JournalRecord } from '../harness/journal.ts'
import { asExpected, type Outcome, outcomes } from '../harness/verdict.ts'
import { beginWork, reduceWork, type Work } from './live-view-work.ts'
import { type RunEvent, unitProject } from './run-events.ts'

/** A file of tests that runs. */
export interface FileState {
  readonly file: string
  readonly project: string
  /** The test in it that runs; empty: none yet. */
  readonly test: string
  readonly since: number
}

/** How many tests and files have come out how. */
export interface Tally {
  readonly files: { readonly ended: number; readonly all: number }
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Verdicts that are not as their scenarios declare. */
  readonly unexpected: number
  /** Tests without a verdict: unit tests, and what broke before there was one. */
  readonly tests: { readonly passed: number; readonly failed: number }
}

/** What is known of a run while it goes on. */
export interface RunState {
  readonly id: string
  /** How many verdicts it should come to; null: nobody knows. */
  readonly wanted: number | null
  /** Whether it is at the unit tests. */
  readonly isAtUnits: boolean
  readonly tally: Tally
  readonly running: readonly FileState[]
  /** By the file name of their journals. */
  readonly works: ReadonlyMap<string, Work>
}

const untouched: Tally = {
  files: { ended: 0, all: 0 },
  outcomes: { conforms: 0, violates: 0, inconclusive: 0, skipped: 0 },
  unexpected: 0,
  tests: { passed: 0, failed: 0 },
}

export function beginRun(id: string, wanted: number | null): RunState {
  return { id, wanted, isAtUnits: false, tally: untouched, running: [], works: new Map() }
}

/** What is known once the reporter has told of the event. `at`: when that was, in milliseconds of the run's clock. */
export function takeEvent(state: RunState, event: RunEvent, at: number): RunState {
  const { tally, running } = state
  switch (event.kind) {
    case 'run begins':
      // Unit tests and scenarios are two runs of vitest: each counts its own files.
      return {
        ...state,
        isAtUnits: event.units,
        running: [],
        tally: { ...tally, files: { ended: 0, all: event.files } },
      }
    case 'file begins':
      return { ...state, running: [...running, { file: event.file, project: event.project, test: '', since: at }] }
    case 'test begins':
      return { ...state, running: running.map((file) => (isSame(file, event) ? { ...file, test: event.test } : file)) }
    case 'verdict': {
      const { verdict } = event
      const counted = { ...tally.outcomes, [verdict.outcome]: tally.outcomes[verdict.outcome] + 1 }
      const unexpected = tally.unexpected + (asExpected(verdict) ? 0 : 1)
      return { ...state, tally: { ...tally, outcomes: counted, unexpected } }
    }
    case 'file ends': {
      const { passed, failed } = tally.tests
      const { all, ended } = tally.files
      const tests =
        event.project === unitProject ? { passed: passed + event.passed, failed: failed + event.failed } : tally.tests
      return {
        ...state,
        running: running.filter((file) => !isSame(file, event)),
        tally: { ...tally, tests, files: { ended: ended + 1, all: Math.max(all, ended + 1) } },
      }
    }
    default:
      return state
  }
}

/** What is known once the record of that journal has been read. */
export function takeRecord(state: RunState, journal: string, record: JournalRecord): RunState {
  const before = state.works.get(journal) ?? beginWork(record.t)
  const after = reduceWork(before, record)
  if (after === before && state.works.has(journal)) return state
  return { ...state, works: new Map(state.works).set(journal, after) }
}

/** What goes on in a file: its own journal, that of the test which runs, and those of clusters attached to from there. */
export function worksOf({ works }: RunState, { file, test }: FileState): Work[] {
  // As harness/boot-fixtures.ts names the journal of a cluster that one test boots.
  const names = new Set([journalNameOf(file), test.replaceAll(/[^\w.-]+/g, '-')])
  const found = [...works].filter(([journal]) => names.has(journalName(journal)))
  const living = found.filter(([journal, { phase }]) =>
    // Of a cluster that is attached to, only what is done to it: it is another journal's, too.
    journal.includes('.attached-') ? phase === 'scenario' : phase !== 'removed',
  )
  return (living.length > 0 ? living : found.slice(-1)).map(([, work]) => work)
}

/** All verdicts so far. */
export function verdictCount({ outcomes: counted }: Tally): number {
  return outcomes.reduce((sum, outcome) => sum + counted[outcome], 0)
}

/** `recovery.storm-abcd1234.jsonl` and `recovery.storm-abcd1234.attached-4711.jsonl` are of `recovery.storm`. */
function journalName(journal: string): string {
  return journal.replace(/-[a-z0-9]{8}(?:\.attached-\d+)?\.jsonl$/, '')
}

function isSame(left: Pick<FileState, 'file' | 'project'>, right: Pick<FileState, 'file' | 'project'>): boolean {
  return left.file === right.file && left.project === right.project
}
