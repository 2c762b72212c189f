import fc from 'fast-check'

import { type JournalRecord, type JournalSource, journalSources } from '../../harness/journal.ts'
import type { Verdict } from '../../harness/verdict.ts'
import type { StartFold } from '../scenario-fold.ts'

/** Journals for unit tests of folds: records by hand, and records of any kind at all. */

export function record(t: number, source: JournalSource, kind: string, subject: string, data?: unknown): JournalRecord {
  return { t, at: new Date(t).toISOString(), source, kind, subject, ...(data === undefined ? {} : { data }) }
}

/** What a fold makes of a scenario that began at 1000 ms; `endedAt` is the last record's time unless it is told. */
export function folded<T>(
  fold: StartFold<T>,
  records: readonly JournalRecord[],
  { verdict = null, endedAt = records.at(-1)?.t ?? 1_000 }: { verdict?: Verdict | null; endedAt?: number } = {},
): T {
  const scenario = fold({ name: 'scenario', startedAt: 1_000 })
  for (const one of records) scenario.take(one)
  return scenario.end({ endedAt, verdict })
}

/** Times that fit together and times that do not. */
const time = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.double({ noNaN: true, noDefaultInfinity: true }))

const kinds = [
  'pulling pulled registry-summary pushed acknowledged write-failed read-failed added ready member removed leader index',
  'interrupted injecting struck healed storm replacement waiting met missed MODIFIED DELETED restarting',
  'changing-pod-templates',
].flatMap((words) => words.split(' '))
const subjects = ['node/a', 'node/b', 'pod/x/a', 'member/1', 'member/2', 'etcd/c', 'raft/c', 'write-1-2', 'a pulls r']
const text = fc.oneof(fc.constantFrom('a', 'r', 'reboot', 'mirror', '<script>', 'DaemonSet/x', 'Failed'), fc.string())
const value = fc.oneof(time, text, fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 }))

const each = <T>(names: string, arbitrary: fc.Arbitrary<T>) =>
  Object.fromEntries(names.split(' ').map((name) => [name, arbitrary]))

/** The fields that folds look at, with values of the right kind or of another; any of them may be missing. */
const fields = fc.record(
  Object.assign(
    each('fault repository source owner phase name reason node', text),
    each('term raftIndex writes from to withinMs since failedAt predictedDelayMs nodeReadyAt predictedAt', time),
    each('leader id ok bytes tookMs attempts upstreamBytes requests learner deleting measuredDelayMs', value),
    each('budget', fc.constantFrom('objectives.daemonSetRecovery', 'other')),
  ),
  { requiredKeys: [] },
)

/** A journal's records as they may be after years of other versions, and of damage. */
export const anyRecords: fc.Arbitrary<JournalRecord[]> = fc.array(
  fc
    .tuple(
      time,
      fc.constantFrom(...journalSources),
      fc.constantFrom(...kinds),
      fc.oneof(fc.constantFrom(...subjects), fc.string()),
      fc.oneof(fields, value, fc.object()),
    )
    .map(([t, source, kind, subject, data]) => ({ t, at: '', source, kind, subject, data })),
  { maxLength: 60 },
)
