import path from 'node:path'

import type { Verdict, Verdicts } from '../../harness/verdict.ts'
import { journalRecords } from '../journal-stream.ts'

/** How long each verdict took to be reached, in milliseconds: from the start of its scenario to its end. */
export type ScenarioTimes = ReadonlyMap<Verdict, number>

/**
 * A verdict has no duration of its own: its journal has. Where the journal is gone, it is the time that the verdict's own
 * evidence spans.
 */
export async function scenarioTimes({ verdicts }: Pick<Verdicts, 'verdicts'>, out: string): Promise<ScenarioTimes> {
  const times = new Map<Verdict, number>()
  for (const journal of new Set(verdicts.map((verdict) => verdict.journal))) {
    const lengths = journal === '' ? new Map<string, number[]>() : await scenarioLengths(path.join(out, journal))
    // A journal has its scenarios in the order in which they were judged, and so have the verdicts.
    for (const verdict of verdicts.filter((candidate) => candidate.journal === journal)) {
      times.set(verdict, lengths.get(verdict.scenario)?.shift() ?? evidenceSpan(verdict))
    }
  }
  return times
}

/** The time between the first and the last moment that the verdict names, in milliseconds; 0 where it names none. */
export function evidenceSpan({ expectations, faults }: Pick<Verdict, 'expectations' | 'faults'>): number {
  const moments = [
    ...expectations.flatMap(({ since, tookMs, withinMs }) => [since, since + (tookMs ?? withinMs)]),
    ...faults.flatMap(({ injectedAt, healedAt }) => [injectedAt, healedAt ?? injectedAt]),
  ]
  return moments.length === 0 ? 0 : Math.max(...moments) - Math.min(...moments)
}

/** How long each scenario of the journal took, by its name, in their order; of a journal that cannot be read, none. */
async function scenarioLengths(file: string): Promise<Map<string, number[]>> {
  const lengths = new Map<string, number[]>()
  const startedAt = new Map<string, number>()
  try {
    for await (const { t, source, kind, subject } of journalRecords(file, { lines: 0 })) {
      if (source !== 'scenario') continue
      const from = startedAt.get(subject)
      if (kind === 'started') startedAt.set(subject, t)
      else if (kind === 'ended' && from !== undefined) lengths.set(subject, [...(lengths.get(subject) ?? []), t - from])
    }
  } catch {
    // No journal, or not to its end: the verdicts of its rest have their evidence.
  }
  return lengths
}
