import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import type { JournalRecord, JournalSource } from '../../harness/journal.ts'
import { momentOf, recordsOf } from './phase.ts'

let t = 0
function record(source: JournalSource, kind: string, subject = 'c'): JournalRecord {
  t += 1
  return { t, at: '2026-01-01T00:00:00.000Z', source, kind, subject }
}

const run = [
  record('cluster', 'starting'),
  record('cluster', 'creating'),
  record('engine', 'start', 'node/c-worker'),
  record('cluster', 'ready'),
  record('scenario', 'started', 's'),
  record('probe', 'failed'),
  record('fault', 'injecting', 'node/c-worker'),
  record('fault', 'struck', 'node/c-worker'),
  record('expectation', 'met', 'the node is Ready'),
  record('fault', 'healed', 'node/c-worker'),
  record('scenario', 'ended', 's'),
  record('cluster', 'removing'),
  record('cluster', 'removed'),
]

describe('momentOf', () => {
  it.each([
    [0, 'setup'],
    [1, 'boot'],
    [3, 'boot'],
    [4, 'before the fault'],
    [6, 'before the fault'],
    [7, 'fault'],
    [10, 'fault'],
    [11, 'teardown'],
    [13, 'teardown'],
  ])('after %s records', (count, phase) => {
    expect(momentOf(run.slice(0, count)).phase).toBe(phase)
  })

  it('says what came last, whatever the order of the journals', () => {
    expect(momentOf(run.slice(0, 9).toReversed())).toEqual({
      phase: 'fault',
      last: 'expectation met the node is Ready',
    })
    expect(momentOf([]).last).toBe('')
  })

  it('begins anew with another cluster of the same run', () => {
    expect(momentOf([...run, record('cluster', 'starting', 'd')]).phase).toBe('boot')
  })
})

describe('recordsOf', () => {
  it('reads the journals of the run, and of no other, up to the line that was cut off', () => {
    const out = mkdtempSync(path.join(tmpdir(), 'clusterproof-phase-'))
    onTestFinished(() => rmSync(out, { recursive: true }))
    expect(recordsOf(out, 'abcd1234')).toEqual([])
    mkdirSync(path.join(out, 'journal'))
    const [first, second] = run
    writeFileSync(path.join(out, 'journal', 'a.b-abcd1234.jsonl'), `${JSON.stringify(first)}\n{"t":1,"at`)
    writeFileSync(path.join(out, 'journal', 'a.b-efgh5678.jsonl'), `${JSON.stringify(second)}\n`)
    expect(recordsOf(out, 'abcd1234')).toEqual([first])
  })
})
