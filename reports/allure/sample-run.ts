import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { onTestFinished } from 'vitest'

import type { JournalRecord } from '../../harness/journal.ts'
import type { Verdict } from '../../harness/verdict.ts'
import type { RunReport, ScenarioReport } from '../run-model.ts'
import { sampleVerdict } from '../sample-verdict.ts'
import { factsWithoutRecords } from '../scenario-facts.ts'

/** The wall-clock time at which the clock of the samples was 0. */
export const sampleOrigin = Date.parse('2026-11-21T10:00:00.000Z')

export function sampleRecord(
  t: number,
  [source, kind, subject]: readonly [JournalRecord['source'], string, string],
  data?: unknown,
): JournalRecord {
  const at = new Date(sampleOrigin + t).toISOString()
  return { t, at, source, kind, subject, ...(data === undefined ? {} : { data }) }
}

/** A scenario of a run, from 1 s to 9 s of its clock. */
export function sampleScenario(verdict: Verdict | null, changes: Partial<ScenarioReport> = {}): ScenarioReport {
  const { scenario, cluster, journal } = verdict ?? sampleVerdict()
  const [startedAt, endedAt] = [1_000, 9_000]
  return {
    scenario,
    cluster,
    verdict,
    startedAt,
    endedAt,
    at: new Date(sampleOrigin + startedAt).toISOString(),
    journal,
    facts: factsWithoutRecords({ name: scenario, startedAt }, { endedAt, verdict }),
    ...changes,
  }
}

export function sampleRun(scenarios: readonly ScenarioReport[], changes: Partial<RunReport> = {}): RunReport {
  const host = { platform: 'linux x64', cpus: 2, memoryBytes: 4 * 1_024 ** 3 }
  return {
    out: 'reports/out',
    id: 'abcd1234',
    run: { id: 'abcd1234', startedAt: new Date(sampleOrigin).toISOString(), finishedAt: null, host },
    scenarios,
    damagedLines: 0,
    lastWords: '',
    ...changes,
  }
}

/** An output directory, and in it one journal; removed when the test has finished. */
export function sampleOutput(records: readonly JournalRecord[], name = 'journal/power-cut-abcd1234.jsonl'): string {
  const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-allure-'))
  onTestFinished(() => rmSync(out, { recursive: true }))
  const file = path.join(out, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  return out
}
