import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  controlPlaneElection,
  electedOrEnded,
  lockTaken,
  lockTakenAgain,
  lockTakenOver,
  recoveredWithoutHands,
  restartBackoff,
  spegelElection,
} from './election.ts'

const timings = fc.constantFrom(spegelElection, controlPlaneElection)
const startup = { name: 'startupProbe', ms: 60_000, source: 'a chart' }

it('a free lock is taken after its lease and one look', () => {
  expect(lockTaken(spegelElection).ms).toBe(15_000)
  expect(lockTakenOver(controlPlaneElection).ms).toBe(24_400)
})

it("the kubelet's back-off begins with the second restart and doubles up to 300 s", () => {
  expect([0, 1, 2, 3, 20].map((restarts) => restartBackoff(restarts).ms)).toEqual([0, 10_000, 20_000, 40_000, 300_000])
  expect(restartBackoff(3).name).toBe('container back-off after 3 restarts')
})

describe('the budgets of an election', () => {
  it('are in order: to stand by is quicker than to be started, and that than to be ended first', () => {
    fc.assert(
      fc.property(timings, fc.nat(30), (timing, restarts) => {
        const again = lockTakenAgain(timing, restarts).ms
        expect(lockTakenOver(timing).ms).toBeGreaterThan(lockTaken(timing).ms)
        expect(again).toBe(restartBackoff(restarts).ms + 5_000 + lockTaken(timing).ms)
        expect(recoveredWithoutHands(timing, startup, restarts).ms).toBe(
          startup.ms + 30_000 + lockTakenAgain(timing, restarts + 1).ms,
        )
      }),
    )
  })

  it('hold what was measured: Spegel v0.0.17 was elected 91 s after its way was opened, and 5 s after its start', () => {
    expect(recoveredWithoutHands(spegelElection, startup, 1).ms).toBeGreaterThan(91_000)
    expect(lockTakenAgain(spegelElection, 0).ms).toBeGreaterThan(5_000)
    expect(lockTakenAgain(spegelElection, 0).ms).toBe(20_000)
  })

  it("end where a pod's startup probe does", () => {
    expect(electedOrEnded(startup).ms).toBe(65_000)
  })
})
