import { existsSync } from 'node:fs'

import type { JournalRecord } from '../harness/journal.ts'
import { UserError } from '../harness/user-error.ts'
import type { Verdict, Verdicts } from '../harness/verdict.ts'
import { formatDuration } from '../harness/duration.ts'
import { journalRecords } from './journal-stream.ts'
import { LastWords } from './last-words.ts'
import { type RunJournal, runJournals } from './run-journals.ts'
import { isAlive, runRecords } from './run-record.ts'
import { factsWithoutRecords, foldFacts, type ScenarioFacts } from './scenario-facts.ts'
import { scenarioSlices } from './scenario-slices.ts'
import { readVerdicts, verdictsPath } from './verdicts-file.ts'

/** A scenario of a run, with what its pictures are drawn from. */
export interface ScenarioReport {
  readonly scenario: string
  /** The definition's name, as verdicts have it. */
  readonly cluster: string
  /** Null: the run was killed in it, or goes on. */
  readonly verdict: Verdict | null
  /** Milliseconds since the run's start. */
  readonly startedAt: number
  readonly endedAt: number
  /** Wall-clock time of the start, ISO 8601. */
  readonly at: string
  /** Path of the journal, relative to the output directory; empty where there is none. */
  readonly journal: string
  readonly facts: ScenarioFacts
}

/** What a run has left in its output directory. */
export interface RunReport {
  readonly out: string
  /** The run's id; also known where `run` is not. */
  readonly id: string
  /** Null: `verdicts.json` is missing or damaged. */
  readonly run: Verdicts['run'] | null
  /** In the order in which they began. */
  readonly scenarios: readonly ScenarioReport[]
  /** Lines of journals that are no records. */
  readonly damagedLines: number
  /** Where a run that was killed ended, in lines; empty: it came to its end. */
  readonly lastWords: string
}

/**
 * Reads what the newest run has left in an output directory: its verdicts, and its journals one record at a time. What
 * either of them lacks is taken from the other.
 * @throws {UserError} with exit code 2 where there is no run
 */
export async function readRun(out: string): Promise<RunReport> {
  const document = readVerdicts(out)
  const journals = await runJournals(out, document?.run.id ?? null)
  const id = document?.run.id ?? journals[0]?.run
  if (id === undefined) throw noRun(out)

  const damage = { lines: 0 }
  const words: LastWords[] = []
  const scenarios: ScenarioReport[] = []
  for (const journal of journals) {
    const heard = new LastWords(journal.name, journal)
    words.push(heard)
    const found = await readJournal(journal, document?.verdicts ?? [], heard, damage)
    if (!journal.isInner) scenarios.push(...found)
  }
  if (document !== null) scenarios.push(...withoutRecords(document, scenarios))
  const run = document?.run ?? null
  return {
    out,
    id,
    run,
    scenarios: scenarios.toSorted((a, b) => a.startedAt - b.startedAt),
    damagedLines: damage.lines,
    lastWords: await lastWords({ id, finishedAt: run?.finishedAt ?? null }, scenarios, words),
  }
}

/** The verdicts of a run, as `verdicts.json` would have them, also where that is lost. */
export function verdictsOf({ run, id, scenarios }: RunReport): Verdicts {
  const [first] = scenarios
  const startedAt = first === undefined ? '' : wallTime(first.at, -first.startedAt)
  const unknown = { id, startedAt, finishedAt: null, host: { platform: 'unknown', cpus: 0, memoryBytes: 0 } }
  return { schema: 1, run: run ?? unknown, verdicts: scenarios.flatMap(({ verdict }) => verdict ?? []) }
}

async function readJournal(
  { file, name, run }: RunJournal,
  verdicts: readonly Verdict[],
  words: LastWords,
  damage: { lines: number },
): Promise<ScenarioReport[]> {
  const own = verdicts.filter(({ journal }) => journal === name)
  let cluster = ''
  async function* heard(): AsyncGenerator<JournalRecord> {
    for await (const record of journalRecords(file, damage)) {
      words.take(record)
      if (record.source === 'cluster') cluster = definitionOf(record, run) ?? cluster
      yield record
    }
  }
  const slices = scenarioSlices(
    heard(),
    foldFacts,
    (scenario, nth) => own.filter((verdict) => verdict.scenario === scenario)[nth] ?? null,
  )
  const found: ScenarioReport[] = []
  for await (const slice of slices) {
    const { verdict, startedAt, endedAt, at, facts } = slice
    found.push({
      scenario: slice.name,
      cluster: verdict?.cluster ?? cluster,
      verdict,
      startedAt,
      endedAt,
      at,
      journal: name,
      facts,
    })
  }
  return found
}

/** The definition of a cluster that begins here. The cluster is named after it, its run and itself: `policed-bw3m-cds1`. */
function definitionOf({ kind, subject }: JournalRecord, run: string): string | null {
  if (kind === 'starting') return subject
  // Journals of before there was `starting`.
  return kind === 'creating' ? subject.replace(new RegExp(`-${run.slice(-4)}-[a-z0-9]+$`), '') : null
}

/** Verdicts that no journal has a scenario for: there was no cluster, or the journal is lost. */
function withoutRecords({ run, verdicts }: Verdicts, found: readonly ScenarioReport[]): ScenarioReport[] {
  const counts = Map.groupBy(found, keyOf)
  const later = Map.groupBy(verdicts, keyOf)
  const rest = [...later].flatMap(([key, all]) => all.slice(counts.get(key)?.length ?? 0))
  return rest.map((verdict) => {
    const { scenario, cluster, journal, expectations, faults } = verdict
    const moments = [...expectations.map(({ since }) => since), ...faults.map(({ injectedAt }) => injectedAt)]
    const startedAt = moments.length === 0 ? 0 : Math.min(...moments)
    const endedAt = Math.max(
      startedAt,
      ...expectations.map(({ since, tookMs, withinMs }) => since + (tookMs ?? withinMs)),
    )
    const facts = factsWithoutRecords({ name: scenario, startedAt }, { endedAt, verdict })
    const at = wallTime(run.startedAt, startedAt)
    return { scenario, cluster, verdict, startedAt, endedAt, at, journal, facts }
  })
}

/** The ISO 8601 time some milliseconds later; the one that was given where that is none. */
function wallTime(from: string, laterMs: number): string {
  const time = new Date(Date.parse(from) + laterMs)
  return Number.isNaN(time.getTime()) ? from : time.toISOString()
}

function keyOf({ scenario, journal }: { readonly scenario: string; readonly journal: string }): string {
  return `${journal}\n${scenario}`
}

async function lastWords(
  { id, finishedAt }: { readonly id: string; readonly finishedAt: string | null },
  scenarios: readonly ScenarioReport[],
  words: readonly LastWords[],
): Promise<string> {
  const open = scenarios.filter(({ verdict }) => verdict === null)
  if (finishedAt !== null && open.length === 0) return ''
  if (finishedAt !== null) {
    return `run ${id} came to its end without a verdict of ${open.map(({ scenario }) => scenario).join(', ')}`
  }
  const last = words.flatMap((each) => each.last ?? []).toSorted((a, b) => b.t - a.t)[0]
  const time =
    last === undefined ? '' : `; its last record is of ${formatDuration(last.t)} after its start (${last.at})`
  const record = runRecords().find((each) => each.id === id)
  const goesOn = record !== undefined && (await isAlive(record))
  const lines = words.flatMap((each) => each.lines())
  return [
    `run ${id} ${goesOn ? 'goes on' : 'did not come to its end'}${time}`,
    ...(lines.length === 0 ? ['in no scenario'] : lines),
  ].join('\n')
}

function noRun(out: string): UserError {
  const hint =
    'Name the output directory of a run (npm start -- --out DIR): it has a verdicts.json or a folder journal.'
  if (!existsSync(out)) return new UserError(`there is no directory ${out}`, { exitCode: 2, hint })
  const what = existsSync(verdictsPath(out)) ? 'verdicts.json is damaged, and there is no journal' : 'nothing of a run'
  return new UserError(`there is no run in ${out}: ${what}`, { exitCode: 2, hint })
}
