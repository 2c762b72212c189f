import { expect, it } from 'vitest'

import { controlPlaneElection, lockTaken, lockTakenOver, restartBackoff, spegelElection } from './election.ts'

it('a free lock is taken after its lease and one look', () => {
  expect(lockTaken(spegelElection).ms).toBe(15_000)
  expect(lockTakenOver(controlPlaneElection).ms).toBe(24_400)
})

it("the kubelet's back-off begins with the second restart and doubles up to 300 s", () => {
  expect([0, 1, 2, 3, 20].map((restarts) => restartBackoff(restarts).ms)).toEqual([0, 10_000, 20_000, 40_000, 300_000])
})
