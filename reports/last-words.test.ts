import { describe, expect, it } from 'vitest'

import type { JournalRecord, JournalSource } from '../harness/journal.ts'
import { LastWords } from './last-words.ts'

const record = (t: number, source: JournalSource, kind: string, subject: string, data?: unknown): JournalRecord => ({
  t,
  at: '',
  source,
  kind,
  subject,
  data,
})

function lines(...records: JournalRecord[]): string[] {
  const words = new LastWords('journal/a.jsonl')
  for (const each of records) words.take(each)
  return words.lines()
}

const booted = record(500, 'cluster', 'ready', 'kind-x')
const started = record(1_000, 'scenario', 'started', 'recovery.power-cut')
const wait = { name: 'the node is Ready again', budget: '40 s = …', withinMs: 40_000, since: 3_000 }
const waiting = record(3_000, 'expectation', 'waiting', wait.name, wait)
const observed = record(9_000, 'probe', 'observed', wait.name, 'NotReady:\n  kubelet stopped')

describe('LastWords', () => {
  it('says what a killed scenario was waiting for, under which fault, and what it saw last', () => {
    expect(
      lines(
        booted,
        started,
        record(2_000, 'fault', 'injecting', 'node/w', { fault: 'power-cut' }),
        record(2_500, 'fault', 'struck', 'node/w', { fault: 'power-cut' }),
        waiting,
        observed,
        record(10_000, 'engine', 'start', 'node/w'),
      ),
    ).toEqual([
      'in recovery.power-cut, 9 s after its start, under a fault (journal/a.jsonl)',
      '  waiting: the node is Ready again, for 7 s of 40 s',
      '  fault: power-cut of node/w, struck 7.5 s before',
      '  last observed, at 9 s: the node is Ready again: NotReady: kubelet stopped',
    ])
  })

  it('shows nothing of a cluster that a terminal or a CI would obey', () => {
    expect(
      lines(started, record(2_000, 'fault', 'struck', '\u001B[2J##[endgroup]', { fault: '::error::power-cut' })),
    ).toContain('  fault: : :error::power-cut of # #[endgroup], struck 0 s before')
  })

  it('forgets a wait that was met and a fault that healed', () => {
    const injecting = record(2_000, 'fault', 'injecting', 'node/w', { fault: 'power-cut' })
    expect(lines(started, injecting)[0]).toContain('while a fault was being injected')
    const healed = record(4_000, 'fault', 'healed', 'node/w', { fault: 'power-cut' })
    expect(lines(started, injecting, waiting, record(3_500, 'expectation', 'met', wait.name), healed)).toEqual([
      'in recovery.power-cut, 3 s after its start, after power-cut of node/w had healed (journal/a.jsonl)',
    ])
  })

  it('says how far a cluster was', () => {
    const creating = record(500, 'cluster', 'creating', 'kind-x')
    expect(lines(creating)).toEqual([
      'before the first scenario; the last of the cluster: kind-x creating, at 0.5 s (journal/a.jsonl)',
    ])
    const ended = record(2_000, 'scenario', 'ended', 'recovery.power-cut', {})
    expect(lines(creating, started, waiting, ended)[0]).toMatch(/^after recovery\.power-cut; /)
  })

  it('is silent where all ended and the cluster is gone', () => {
    const ended = record(2_000, 'scenario', 'ended', 'recovery.power-cut', {})
    expect(lines(booted, started, ended, record(3_000, 'cluster', 'removed', 'kind-x'))).toEqual([])
    expect(lines()).toEqual([])
  })

  it('has nothing to say of an inner journal in which nothing is open', () => {
    const words = new LastWords('journal/a.attached-1.jsonl', { isInner: true })
    words.take(booted)
    expect(words.lines()).toEqual([])
    words.take(started)
    expect(words.lines()).toHaveLength(1)
  })

  it('takes no wait out of what is none', () => {
    expect(lines(started, record(2_000, 'expectation', 'waiting', 'x', { since: 'soon' }))).toHaveLength(1)
  })
})
