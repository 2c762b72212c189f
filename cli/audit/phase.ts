import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type JournalRecord, parseJournal } from '../../harness/journal.ts'

/** What a run was doing when it was killed. */
export const phases = ['setup', 'boot', 'before the fault', 'fault', 'teardown', 'over'] as const

/**
 * `setup`: before its first cluster. `boot`: its cluster is made. `before the fault`: the cluster is there. `fault`: from
 * when the fault is injected to the verdict. `teardown`: after it. `over`: the run had ended before it was to be killed.
 */
export type Phase = (typeof phases)[number]

export interface Moment {
  readonly phase: Phase
  /** The journal's last record in words; empty where there is none. */
  readonly last: string
}

/** What a run was doing when its journals ended, which are given in any order. */
export function momentOf(records: readonly JournalRecord[]): Moment {
  const inOrder = records.toSorted((one, other) => one.t - other.t)
  const last = inOrder.at(-1)
  if (last === undefined) return { phase: 'setup', last: '' }
  let phase: Phase = 'setup'
  for (const record of inOrder) phase = after(record) ?? phase
  return { phase, last: `${last.source} ${last.kind} ${last.subject}` }
}

function after({ source, kind }: JournalRecord): Phase | null {
  if (source === 'cluster') {
    if (kind === 'starting' || kind === 'creating') return 'boot'
    if (kind === 'ready') return 'before the fault'
    if (kind === 'removing' || kind === 'removed') return 'teardown'
  }
  if (source === 'scenario' && kind === 'ended') return 'teardown'
  return source === 'fault' && kind === 'injecting' ? 'fault' : null
}

/** All whole records of a run's journals. */
export function recordsOf(out: string, runId: string): JournalRecord[] {
  const folder = path.join(out, 'journal')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') && name.includes(`-${runId}.`))
    .flatMap((name) => parseJournal(readFileSync(path.join(folder, name), 'utf8')).records)
}
