import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { columnsOf } from './columns.ts'
import { frame } from './live-view-frame.ts'
import { beginRun, type RunState, takeEvent } from './live-view-state.ts'
import { beginWork, type Work } from './live-view-work.ts'
import type { RunEvent } from './run-events.ts'
import { sampleVerdict } from './sample-verdict.ts'

const file = { file: 'suites/recovery/power-cut.suite.ts', project: 'scenarios' }
const events: RunEvent[] = [
  { kind: 'run begins', files: 2, units: false },
  { kind: 'verdict', ...file, test: 'a', verdict: sampleVerdict(), tookMs: 1 },
  { kind: 'file begins', ...file },
]
const begun = events.reduce((state, event) => takeEvent(state, event, 1_000), beginRun('abcd1234', 3))

const cutOff: Work = {
  ...beginWork(2_000),
  cluster: 'kind-a1',
  phase: 'scenario',
  scenario: { name: 'recovery.power-cut', since: 40_000 },
  faults: [{ name: 'power-cut', on: 'kind-a1-worker', state: 'struck', since: 48_000 }],
  waits: [
    { name: 'the node is marked NotReady', withinMs: 65_000, since: 47_700, expected: true, seen: 'Ready' },
    { name: 'requests are answered', withinMs: 30_000, since: 50_000, expected: false, seen: null },
  ],
}

function at(work: Work, changes: Partial<RunState> = {}): RunState {
  return { ...begun, works: new Map([['recovery.power-cut-abcd1234.jsonl', work]]), ...changes }
}

const view = { columns: 100, rows: 30, now: 60_000 }

describe('frame', () => {
  it('shows what is waited for and how much of its time is used, the fault, and what was seen last', () => {
    expect(frame(at(cutOff), view)).toEqual([
      'run abcd1234  1 min  1 of 3 verdicts: 1 conforms  0 of 2 files',
      'recovery.power-cut  kind-a1  20.0 s',
      '  ████░░░░░░░░░░░░░░░░ 12.3 s / 1 min 5 s  the node is marked NotReady (and 1 more)',
      '  power-cut on kind-a1-worker, struck 12.0 s ago',
      '    last seen: Ready',
    ])
  })

  it.each([
    [{ ...beginWork(40_000), cluster: 'kind-a1' }, '  starting the cluster  20.0 s'],
    [{ ...beginWork(40_000), phase: 'settling' as const }, '  waiting until the cluster is healthy  20.0 s'],
    [{ ...beginWork(40_000), phase: 'removing' as const }, '  removing the cluster  20.0 s'],
    [{ ...cutOff, faults: [], waits: [] }, '  no fault in effect'],
  ])('says which phase it is', (work, line) => {
    expect(frame(at(work), view)).toContain(line)
  })

  it('has a line for a file that has not come to a cluster yet', () => {
    expect(frame(begun, view).at(-1)).toBe('recovery/power-cut  is being prepared  59.0 s')
  })

  it('keeps the first and the last of many faults', () => {
    const kill = (on: string) => ({ name: 'kill', on, state: 'struck' as const, since: 50_000 })
    const work = { ...cutOff, faults: [...cutOff.faults, kill('a'), kill('b')] }
    expect(frame(at(work), { ...view, columns: 120 })).toContain(
      '  power-cut on kind-a1-worker, struck 12.0 s ago; kill on b, struck 10.0 s ago; 1 more',
    )
  })

  it('leaves out what says least where the terminal is low', () => {
    const lines = (rows: number) => frame(at(cutOff), { ...view, rows }).length
    expect([7, 6, 5, 4, 3, 2].map(lines)).toEqual([5, 4, 3, 2, 1, 1])
  })

  it('counts unit tests while they run', () => {
    const units: RunEvent[] = [
      { kind: 'run begins', files: 2, units: true },
      { kind: 'file begins', file: 'cli/a.test.ts', project: 'unit' },
      { kind: 'file ends', file: 'cli/b.test.ts', project: 'unit', passed: 7, failed: 1, tookMs: 1 },
    ]
    const state = units.reduce((before, event) => takeEvent(before, event, 0), beginRun('abcd1234', null))
    expect(frame(state, view)).toEqual([
      'run abcd1234  1 min  unit tests: 1 of 2 files, 7 passed, 1 failed',
      '  cli/a.test.ts',
    ])
  })

  it('fits every terminal, whatever a cluster says', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 60 })
    fc.assert(
      fc.property(
        texts,
        texts,
        fc.integer({ min: 10, max: 120 }),
        fc.integer({ min: 3, max: 12 }),
        (name, seen, columns, rows) => {
          const waits = [{ name, withinMs: 1_000, since: 59_500, expected: true, seen }]
          const lines = frame(at({ ...cutOff, cluster: name, waits }), { columns, rows, now: 60_000 })
          expect(lines.length).toBeLessThanOrEqual(rows - 2)
          expect(Math.max(...lines.map(columnsOf))).toBeLessThan(columns)
          expect(lines.join('')).not.toMatch(/\p{Control}/u)
        },
      ),
      { numRuns: 50 },
    )
  })
})
