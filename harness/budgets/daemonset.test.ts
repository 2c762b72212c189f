import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { describeBudget } from './budget.ts'
import { failedPodsBackoff } from './constants.ts'
import {
  afterDeletion,
  type BackoffState,
  backoffTolerance,
  daemonSetBackoff,
  daemonSetObjective,
  delayBeforeDeletion,
  earliestDeletion,
  noBackoff,
  predictedDeletion,
} from './daemonset.ts'

const { initialMs, maxMs } = failedPodsBackoff
const quietMs = 2 * maxMs

/** When each of the pods was deleted, and the state after the last; a pod is there as soon as the one before is gone. */
function simulate(lifetimes: readonly number[]): { deletions: number[]; delays: number[]; state: BackoffState } {
  let state = noBackoff
  let now = 0
  const deletions: number[] = []
  const delays: number[] = []
  for (const lifetime of lifetimes) {
    const failedAt = now + lifetime
    now = predictedDeletion(state, failedAt)
    state = afterDeletion(state, now)
    deletions.push(now)
    delays.push(now - failedAt)
  }
  return { deletions, delays, state }
}

/** Any state that the controller can be in. */
const lifetimes = fc.array(fc.oneof(fc.nat(10_000), fc.nat(3 * maxMs)), { maxLength: 20 })
const state = lifetimes.map((all) => simulate(all).state)
const known = state.filter(({ delayMs }) => delayMs > 0)

describe('the back-off of failed pods', () => {
  it('deletes the first failed pod at once', () => {
    expect(predictedDeletion(noBackoff, 7)).toBe(7)
    expect(afterDeletion(noBackoff, 7)).toEqual({ delayMs: 1_000, lastDeletionAt: 7 })
  })

  it('is what the controller did when it was run (v1.34.4, NewBackOff(1 s, 15 min), no other events)', () => {
    // pkg/controller/daemon with a fake API: each pod failed this long after it was made.
    const { delays } = simulate([300, 700, 1_500, 3_000, 6_000, 12_000])
    expect(delays).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000])
  })

  it('deletes at once what fails when the delay is over', () => {
    const later = { delayMs: 8_000, lastDeletionAt: 1_000 }
    expect(predictedDeletion(later, 8_999)).toBe(8_999 + 8_000)
    expect(predictedDeletion(later, 9_000)).toBe(9_000)
    expect(earliestDeletion(later, 8_999)).toBe(9_000)
  })

  it('delays no deletion by more than the delay, nor by more than 900 s', () => {
    fc.assert(
      fc.property(state, fc.nat(3 * maxMs), (before, after) => {
        const failedAt = Math.max(0, before.lastDeletionAt) + after
        const delay = predictedDeletion(before, failedAt) - failedAt
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(Math.min(before.delayMs, maxMs))
      }),
    )
  })

  it('lets no deletion come before the pod failed, nor before the delay is over', () => {
    fc.assert(
      fc.property(known, fc.nat(3 * maxMs), (before, after) => {
        const failedAt = before.lastDeletionAt + after
        const earliest = earliestDeletion(before, failedAt)
        expect(earliest).toBeGreaterThanOrEqual(failedAt)
        expect(earliest).toBeLessThanOrEqual(predictedDeletion(before, failedAt))
        if (after <= quietMs) expect(earliest - before.lastDeletionAt).toBeGreaterThanOrEqual(before.delayMs)
      }),
    )
  })

  it('doubles with each deletion, until 900 s', () => {
    fc.assert(
      fc.property(known, fc.integer({ min: 0, max: quietMs }), (before, after) => {
        const next = afterDeletion(before, before.lastDeletionAt + after)
        expect(next.delayMs).toBe(Math.min(2 * before.delayMs, maxMs))
        expect(next.lastDeletionAt).toBe(before.lastDeletionAt + after)
      }),
    )
  })

  it('is forgotten after 30 quiet minutes, and not before', () => {
    fc.assert(
      fc.property(known, fc.integer({ min: 1, max: maxMs }), (before, more) => {
        const later = before.lastDeletionAt + quietMs + more
        expect(predictedDeletion(before, later)).toBe(later)
        expect(afterDeletion(before, later)).toEqual({ delayMs: initialMs, lastDeletionAt: later })
        expect(afterDeletion(before, before.lastDeletionAt + quietMs).delayMs).toBe(Math.min(2 * before.delayMs, maxMs))
      }),
    )
  })

  it('is longer where the delay is longer', () => {
    fc.assert(
      fc.property(fc.nat(maxMs), fc.nat(maxMs), fc.nat(maxMs), (one, other, after) => {
        const [shorter, longer] = [Math.min(one, other), Math.max(one, other)]
        const deletion = (delayMs: number) => predictedDeletion({ delayMs, lastDeletionAt: 0 }, after)
        expect(deletion(shorter)).toBeLessThanOrEqual(deletion(longer))
      }),
    )
  })
})

/** client-go's `flowcontrol.Backoff` for one key, without jitter, as util/flowcontrol/backoff.go has it. */
class ClientGoBackoff {
  #entry: { backoff: number; lastUpdate: number } | null = null

  next(now: number): void {
    const expired = this.#entry === null || this.#hasExpired(now, this.#entry.lastUpdate)
    const backoff = this.#entry === null || expired ? initialMs : Math.min(this.#entry.backoff * 2, maxMs)
    this.#entry = { backoff, lastUpdate: now }
  }

  get(): number {
    return this.#entry?.backoff ?? 0
  }

  isInBackOffSinceUpdate(now: number): boolean {
    if (this.#entry === null || this.#hasExpired(now, this.#entry.lastUpdate)) return false
    return now - this.#entry.lastUpdate < this.#entry.backoff
  }

  #hasExpired(now: number, lastUpdate: number): boolean {
    return now - lastUpdate > 2 * maxMs
  }
}

/**
 * The controller's loop over one node (pkg/controller/daemon `podsShouldBeOnNode`): it looks when the pod fails, when its
 * queue says so, and at every other event. Gives when it deletes the pod.
 */
function deletionBy(backoff: ClientGoBackoff, failedAt: number, events: readonly number[]): number {
  const looks = [failedAt, ...events.map((after) => failedAt + after)]
  for (;;) {
    const now = Math.min(...looks)
    looks.splice(looks.indexOf(now), 1)
    if (!backoff.isInBackOffSinceUpdate(now)) {
      backoff.next(now)
      return now
    }
    looks.push(now + backoff.get())
  }
}

describe("the model and a simulation of the controller with client-go's back-off", () => {
  const moment = fc.oneof(fc.nat(10_000), fc.nat(maxMs), fc.integer({ min: quietMs - 2, max: quietMs + 2 }))

  it('agree on every deletion where nothing makes the controller look sooner', () => {
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 30 }), (all) => {
        const backoff = new ClientGoBackoff()
        let now = 0
        const deletions = all.map((lifetime) => (now = deletionBy(backoff, now + lifetime, [])))
        expect(simulate(all)).toMatchObject({ deletions, state: { delayMs: backoff.get() } })
      }),
    )
  })

  it('agree on the bounds between which other events may bring it, and on the delay after it', () => {
    const events = fc.array(fc.nat(maxMs), { maxLength: 5 })
    fc.assert(
      fc.property(fc.array(fc.record({ lifetime: moment, events }), { maxLength: 30 }), (pods) => {
        const backoff = new ClientGoBackoff()
        let model = noBackoff
        let now = 0
        for (const { lifetime, events: others } of pods) {
          const failedAt = now + lifetime
          now = deletionBy(backoff, failedAt, others)
          expect(now).toBeGreaterThanOrEqual(earliestDeletion(model, failedAt))
          expect(now).toBeLessThanOrEqual(predictedDeletion(model, failedAt))
          model = afterDeletion(model, now)
          expect(model).toEqual({ delayMs: backoff.get(), lastDeletionAt: now })
        }
      }),
    )
  })
})

describe('the delay', () => {
  it('never shrinks while pods fail one after the other, and is 1 s times a power of two, or 900 s', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(maxMs), { minLength: 1, maxLength: 20 }), (all) => {
        const delays = all.map((_, index) => simulate(all.slice(0, index + 1)).state.delayMs)
        expect(delays).toEqual(delays.toSorted((a, b) => a - b))
        for (const delay of delays) expect(delay === maxMs || Number.isInteger(Math.log2(delay / initialMs))).toBe(true)
      }),
    )
  })
})

describe('delayBeforeDeletion', () => {
  it.each([
    [1, 0],
    [2, 1_000],
    [3, 2_000],
    [8, 64_000],
    [11, 512_000],
    [12, 900_000],
    [2_000, 900_000],
  ])('of pod %d', (n, delay) => {
    expect(delayBeforeDeletion(n)).toBe(delay)
  })

  it('is what a pod meets that fails as soon as it is made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (count) => {
        const { delays } = simulate(Array.from({ length: count }, () => 0))
        expect(delays).toEqual(delays.map((_, index) => delayBeforeDeletion(index + 1)))
      }),
    )
  })
})

describe('daemonSetBackoff', () => {
  it('says what it is made of', () => {
    expect(describeBudget(daemonSetBackoff(64_000))).toMatch(
      /^1 min 16 s = back-off 1 min 4 s \(.+\) \+ tolerance 10 % \+ 1 s 7.4 s \(.+\) \+ pod startup latency 5 s \(.+\)$/,
    )
  })

  it('allows a tenth of the delay and a second, and the start of a pod', () => {
    expect(backoffTolerance(64_000)).toBe(7_400)
    expect(daemonSetBackoff(64_000).ms).toBe(64_000 + 7_400 + 5_000)
    expect(daemonSetBackoff(64_000).terms[0]).toMatchObject({
      ms: 64_000,
      source: expect.stringContaining('pkg/controller/daemon'),
    })
  })
})

describe('daemonSetObjective', () => {
  it("is the operator's own, with nothing added", () => {
    expect(daemonSetObjective(60_000)).toMatchObject({
      ms: 60_000,
      terms: [{ name: 'objectives.daemonSetRecovery', source: 'cluster definition' }],
    })
  })
})
