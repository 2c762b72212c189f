import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { election, leaderLost, memberLost, quorumBack, requestTimeout, writesFailWithin } from './etcd.ts'

/** Measured on two processors, in milliseconds (the design's field notes). */
const measured = { followerStopped: 90, leaderKilled: 7_100, writeWithoutQuorum: 34_000, secondOutage: 33_000 }

describe('the budgets of etcd', () => {
  it('hold what was measured, and not twice as much again', () => {
    expect(memberLost().ms).toBeGreaterThan(measured.followerStopped)
    expect(leaderLost().ms).toBeGreaterThan(measured.leaderKilled)
    expect(leaderLost().ms).toBeLessThan(2 * measured.leaderKilled)
    expect(writesFailWithin().ms).toBeGreaterThan(measured.writeWithoutQuorum)
    expect(writesFailWithin().ms).toBeLessThan(2 * measured.writeWithoutQuorum)
    expect(quorumBack({ outageMs: 90_000 }).ms).toBeGreaterThan(measured.secondOutage)
  })

  it('are in order: a follower costs less than the leader, and nothing as much as the quorum', () => {
    expect(memberLost().ms).toBeLessThan(leaderLost().ms)
    expect(leaderLost().ms).toBeLessThan(writesFailWithin().ms)
    expect(requestTimeout.ms).toBe(5_000 + election.ms)
  })

  it('expect the API server to be started anew only after an outage that its liveness probe sees', () => {
    const short = quorumBack({ outageMs: 0 }).ms
    expect(quorumBack({ outageMs: 69_999 }).ms).toBe(short)
    expect(quorumBack({ outageMs: 70_000 }).ms).toBe(short + 60_000)
    fc.assert(
      fc.property(fc.nat(600_000), (outageMs) => {
        const { ms } = quorumBack({ outageMs })
        expect(ms).toBe(outageMs < 70_000 ? short : short + 60_000)
      }),
    )
  })

  it('say where every constant comes from', () => {
    const terms = [leaderLost(), memberLost(), quorumBack({ outageMs: 90_000 }), writesFailWithin()].flatMap(
      (b) => b.terms,
    )
    for (const { name, source } of terms) expect(`${name}: ${source}`).toMatch(/\S{3}.*: \S{3}/)
  })
})
