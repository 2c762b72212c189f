import { describe, expect, it } from 'vitest'

import type { JournalRecord } from '../harness/journal.ts'
import { beginRun, type RunState, takeEvent, takeRecord, verdictCount, worksOf } from './live-view-state.ts'
import type { RunEvent } from './run-events.ts'
import { sampleVerdict, sampleViolation } from './sample-verdict.ts'

const counter = { file: 'suites/recovery/power.counter.ts', project: 'counter' }
const identity = { file: 'suites/identity/identity.suite.ts', project: 'scenarios:identity' }
const unit = { file: 'cli/a.test.ts', project: 'unit' }

function after(...events: RunEvent[]): RunState {
  return events.reduce((state, event) => takeEvent(state, event, 5), beginRun('abcd1234', null))
}

function record(source: JournalRecord['source'], kind: string, subject: string): JournalRecord {
  return { t: 1, at: '', source, kind, subject }
}

describe('the state of a run', () => {
  it('knows the files that run, and the test in each', () => {
    const state = after(
      { kind: 'run begins', files: 2, units: false },
      { kind: 'file begins', ...counter },
      { kind: 'file begins', ...identity },
      { kind: 'test begins', ...counter, test: 'a' },
    )
    expect(state.running.map(({ file, test }) => [file, test])).toEqual([
      [counter.file, 'a'],
      [identity.file, ''],
    ])
    expect(takeEvent(state, { kind: 'file ends', ...counter, passed: 1, failed: 0, tookMs: 1 }, 9)).toMatchObject({
      running: [{ file: identity.file }],
      tally: { files: { ended: 1, all: 2 }, tests: { passed: 0 } },
    })
  })

  it('counts verdicts by outcome, and those that are not as declared', () => {
    const of = { ...counter, test: 'a', tookMs: 1 }
    const declared = sampleViolation({ expected: { outcome: 'violates', diagnosis: 'recovery.daemonset-backoff' } })
    const { tally } = after(
      { kind: 'verdict', ...of, verdict: sampleVerdict() },
      { kind: 'verdict', ...of, verdict: sampleViolation() },
      { kind: 'verdict', ...of, verdict: declared },
    )
    expect(tally).toMatchObject({ outcomes: { conforms: 1, violates: 2 }, unexpected: 1 })
    expect(verdictCount(tally)).toBe(3)
  })

  it('counts unit tests by themselves, and the files of scenarios anew', () => {
    const state = after(
      { kind: 'run begins', files: 1, units: true },
      { kind: 'file begins', ...unit },
      { kind: 'file ends', ...unit, passed: 7, failed: 1, tookMs: 1 },
    )
    expect(state).toMatchObject({ isAtUnits: true, tally: { tests: { passed: 7, failed: 1 }, files: { ended: 1 } } })
    expect(takeEvent(state, { kind: 'run begins', files: 3, units: false }, 9)).toMatchObject({
      isAtUnits: false,
      tally: { tests: { passed: 7 }, files: { ended: 0, all: 3 } },
    })
  })
})

describe('the work of a file', () => {
  const begun = after({ kind: 'file begins', ...counter }, { kind: 'file begins', ...identity })
  const [inCounter, inIdentity] = begun.running
  if (inCounter === undefined || inIdentity === undefined) throw new Error('two files run')

  it('is in the journal that bears its name', () => {
    const state = takeRecord(begun, 'recovery.power.counter-abcd1234.jsonl', record('cluster', 'creating', 'kind-a1'))
    expect(worksOf(state, inCounter).map(({ cluster }) => cluster)).toEqual(['kind-a1'])
    expect(worksOf(state, inIdentity)).toEqual([])
  })

  it('is in the journal of the test where each boots a cluster of its own', () => {
    const journal = 'identity.metadata-late-on-stacked-abcd1234.jsonl'
    const state = takeRecord(begun, journal, record('cluster', 'creating', 'stacked-a1'))
    const running = { ...inIdentity, test: 'identity.metadata-late on stacked' }
    expect(worksOf(state, running).map(({ cluster }) => cluster)).toEqual(['stacked-a1'])
  })

  it('is that of a cluster attached to while a scenario runs there', () => {
    const attached = 'recovery.power.counter-abcd1234.attached-4711.jsonl'
    const both = takeRecord(
      takeRecord(begun, 'recovery.power.counter-abcd1234.jsonl', record('cluster', 'creating', 'kind-a1')),
      attached,
      record('cluster', 'attaching', 'existing'),
    )
    expect(worksOf(both, inCounter)).toHaveLength(1)
    expect(worksOf(takeRecord(both, attached, record('scenario', 'started', 'a')), inCounter)).toHaveLength(2)
  })

  it('is the last one, once every cluster is removed', () => {
    const gone = takeRecord(begun, 'recovery.power.counter-abcd1234.jsonl', record('cluster', 'removed', 'kind-a1'))
    expect(worksOf(gone, inCounter).map(({ phase }) => phase)).toEqual(['removed'])
  })
})
